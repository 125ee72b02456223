import { DimeeError } from '../errors';
import type { Task } from '../model/manifest';
import type { Texts } from '../model/tokens';
import { LIMITS } from '../protocol/limits';

/** A sample with the label people gave it. */
export interface LabelledSample {
  readonly texts: Texts;
  readonly gold: number;
}

/** A line that a person wrote. */
export interface SentenceLine {
  /** Its sample, or, where it is none, what stands there. */
  readonly texts: Texts;
  /** Why it is no sample. */
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
    const problem = problemOf(fields, pair, index + 1);
    return [{ texts: problem === undefined ? textsOf(fields, pair) : [line.trim()], problem }];
  });
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
    const problem = problemOf(fields, task.pair, index + 2);
    if (problem !== undefined) throw new DimeeError('BAD_INPUT', problem);
    samples.push({ texts: textsOf(fields, task.pair), gold });
  });
  if (samples.length === 0) throw new DimeeError('BAD_INPUT', 'The file has no rows below its header line.');
  return samples;
}

/** Why the fields of a line are no sample; undefined where they are one. */
function problemOf(fields: readonly string[], pair: boolean, lineNumber: number): string | undefined {
  if (fields.some((field) => field.length > LIMITS.maxTextLength)) {
    const most = LIMITS.maxTextLength.toLocaleString('en');
    return `Line ${lineNumber} is too long: a sentence may have ${most} characters.`;
  }
  const written = fields.filter((field) => field.trim() !== '').length;
  if (pair) {
    const isPair = fields.length === 2 && written === 2;
    return isPair ? undefined : `Line ${lineNumber} needs two sentences with one tab between them.`;
  }
  return written > 0 ? undefined : `Line ${lineNumber} has no sentence before its label.`;
}

function textsOf(fields: readonly string[], pair: boolean): Texts {
  const [first = '', second = ''] = fields.map((field) => field.trim());
  return pair ? [first, second] : [fields.join(' ').trim()];
}
