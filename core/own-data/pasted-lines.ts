import type { Task } from '../model/manifest';
import { recogniseColumns } from './columns';
import { recogniseDialect } from './dialect';
import { isFastText } from './fast-text';
import { isCertainlyJson } from './json-table';
import { parseSample } from './table';

/** Lines that are looked at: what the first ones are, the others are. */
const SAMPLE_LINES = 200;

/**
 * Whether what stands between sentences is a table: its lines have a label in a field of their own, or may have one, or
 * they are JSON. Labels must not be read as part of the texts.
 */
export function carriesLabels(text: string, task: Task): boolean {
  const sample = text.split(/\r\n|\n|\r/, SAMPLE_LINES).join('\n');
  if (sample.trim() === '') return false;
  if (isCertainlyJson(sample) || isFastText(sample)) return true;
  const { dialect, doubtful } = recogniseDialect(sample, task);
  if (doubtful !== undefined) return true;
  const { label, texts } = recogniseColumns(parseSample(sample, dialect), task);
  return label !== undefined && !texts.includes(undefined);
}
