import type { Texts } from '../model/tokens';
import { LIMITS } from '../protocol/limits';

/** A line that a person wrote. */
export interface SentenceLine {
  /** Counted from 1. */
  readonly line: number;
  /** Its sample, or, where it is none, what stands there. */
  readonly texts: Texts;
  /** Why it is no sample, to stand after the number of its line. */
  readonly problem: string | undefined;
}

/**
 * One line a sample; the two texts of a pair are separated by a tab. Empty lines are passed over, and a line that is no sample
 * says so by itself.
 */
export function parseSentences(text: string, pair: boolean): SentenceLine[] {
  return text.split(/\r?\n/).flatMap((line, index): SentenceLine[] => {
    if (line.trim() === '') return [];
    const fields = line.trim().split('\t');
    const problem = problemOf(fields, pair);
    return [{ line: index + 1, texts: problem === undefined ? textsOf(fields, pair) : [line.trim()], problem }];
  });
}

/** Why the fields of a line are no sample; undefined where they are one. */
function problemOf(fields: readonly string[], pair: boolean): string | undefined {
  if (fields.some((field) => field.length > LIMITS.maxTextLength)) {
    const most = LIMITS.maxTextLength.toLocaleString('en');
    return `is too long: a sentence may have ${most} characters`;
  }
  const written = fields.filter((field) => field.trim() !== '').length;
  if (pair) {
    const isPair = fields.length === 2 && written === 2;
    return isPair ? undefined : 'needs two sentences with one tab between them';
  }
  return written > 0 ? undefined : 'has no sentence before its label';
}

function textsOf(fields: readonly string[], pair: boolean): Texts {
  const [first = '', second = ''] = fields.map((field) => field.trim());
  return pair ? [first, second] : [fields.join(' ').trim()];
}
