import { DimeeError } from '../errors';
import type { Texts } from '../model/tokens';
import { LIMITS } from '../protocol/limits';

/** One line a sample; the two texts of a pair are separated by a tab. Empty lines are passed over. */
export function parseSentences(text: string, pair: boolean): Texts[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => textsOf(line.split('\t'), pair, number));
}

function textsOf(fields: readonly string[], pair: boolean, lineNumber: number): Texts {
  if (fields.some((field) => field.length > LIMITS.maxTextLength)) {
    const most = LIMITS.maxTextLength.toLocaleString('en');
    throw new DimeeError('BAD_INPUT', `Line ${lineNumber} is too long: a sentence may have ${most} characters.`);
  }
  const [first = '', second = '', ...more] = fields.map((field) => field.trim());
  if (pair && (first === '' || second === '' || more.length > 0)) {
    throw new DimeeError('BAD_INPUT', `Line ${lineNumber} needs two sentences with one tab between them.`);
  }
  return pair ? [first, second] : [fields.join(' ').trim()];
}
