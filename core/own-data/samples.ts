import { DimeeError } from '../errors';
import type { Task } from '../model/manifest';
import type { Texts } from '../model/tokens';
import { LIMITS } from '../protocol/limits';

/** A sample with the label people gave it. */
export interface LabelledSample {
  readonly texts: Texts;
  readonly gold: number;
}

/** One line a sample; the two texts of a pair are separated by a tab. Empty lines are passed over. */
export function parseSentences(text: string, pair: boolean): Texts[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => textsOf(line.split('\t'), pair, number));
}

/**
 * A labelled file: a header line, then `sentence<TAB>label` or `sentence1<TAB>sentence2<TAB>label`, without quoting.
 * @throws DimeeError `BAD_INPUT`, naming the line.
 */
export function parseLabelledTsv(tsv: string, task: Task): LabelledSample[] {
  const rows = tsv.split(/\r?\n/).slice(1);
  const samples: LabelledSample[] = [];
  rows.forEach((line, index) => {
    if (line.trim() === '') return;
    const fields = line.split('\t');
    const label = fields.pop() ?? '';
    const gold = Number(label);
    if (label.trim() === '' || !Number.isInteger(gold) || gold < 0 || gold >= task.labels.length) {
      const range = `0 to ${task.labels.length - 1} (${task.labels.join(', ')})`;
      throw new DimeeError('BAD_INPUT', `Line ${index + 2} must end with a label from ${range}, not “${label}”.`);
    }
    samples.push({ texts: textsOf(fields, task.pair, index + 2), gold });
  });
  if (samples.length === 0) throw new DimeeError('BAD_INPUT', 'The file has no rows below its header line.');
  return samples;
}

function textsOf(fields: readonly string[], pair: boolean, lineNumber: number): Texts {
  if (fields.some((field) => field.length > LIMITS.maxTextLength)) {
    const most = LIMITS.maxTextLength.toLocaleString('en');
    throw new DimeeError('BAD_INPUT', `Line ${lineNumber} is too long: a sentence may have ${most} characters.`);
  }
  const [first = '', second = '', ...more] = fields.map((field) => field.trim());
  if (!pair && fields.every((field) => field.trim() === '')) {
    throw new DimeeError('BAD_INPUT', `Line ${lineNumber} has no sentence before its label.`);
  }
  if (pair && (first === '' || second === '' || more.length > 0)) {
    throw new DimeeError('BAD_INPUT', `Line ${lineNumber} needs two sentences with one tab between them.`);
  }
  return pair ? [first, second] : [fields.join(' ').trim()];
}
