import type { Task } from '../model/manifest';
import type { Texts } from '../model/tokens';
import { LIMITS } from '../protocol/limits';
import type { Columns } from './columns';
import type { LabelWords } from './label-words';
import type { Table, TableRow } from './table';

/** Rows of a person's own that fit a task. */
export interface OwnRows {
  readonly texts: readonly Texts[];
  /** Where each begins in its file, counted from 1. */
  readonly lines: Uint32Array;
  /** Labels that people gave, `[rows]`; undefined where the file has none. */
  readonly gold: Uint8Array | undefined;
}

/** A row that is left out, and why. */
export interface Misfit {
  readonly line: number;
  readonly reason: string;
}

export interface FittedRows {
  readonly rows: OwnRows;
  readonly misfits: readonly Misfit[];
}

/** Takes the rows of a table that fit; the others are named. Every text column must be chosen. */
export function fitRows(table: Table, columns: Columns, words: LabelWords, task: Task): FittedRows {
  const texts: Texts[] = [];
  const [lines, gold]: [number[], number[]] = [[], []];
  const misfits: Misfit[] = [];
  for (const row of columns.hasHeader ? table.rows.slice(1) : table.rows) {
    const found = fitRow(row, table.width, columns, words, task);
    if (typeof found === 'string') misfits.push({ line: row.line, reason: found });
    else {
      texts.push(found.texts);
      lines.push(row.line);
      gold.push(found.label);
    }
  }
  const labels = columns.label === undefined ? undefined : Uint8Array.from(gold);
  return { rows: { texts, lines: Uint32Array.from(lines), gold: labels }, misfits };
}

/** What a row says, or why it does not fit. */
function fitRow(row: TableRow, width: number, columns: Columns, words: LabelWords, { pair }: Task) {
  const { fields, isBroken } = row;
  if (isBroken) return brokenAt(row);
  const length = fields.findLastIndex((field) => field.trim() !== '') + 1;
  if (length > width) return `has ${length} fields where other rows have ${width}`;
  const texts = columns.texts.map((column) => (fields[column ?? -1] ?? '').trim().replace(/\s*[\r\n\t]+\s*/g, ' '));
  const [first = '', second = ''] = texts;
  if (texts.includes('')) return pair ? 'one of its two texts is missing' : 'its text is missing';
  if (texts.some((text) => text.length > LIMITS.maxTextLength)) {
    return `has a text of more than ${LIMITS.maxTextLength.toLocaleString('en')} characters`;
  }
  const label = columns.label === undefined ? 0 : labelAt(fields[columns.label], words);
  if (typeof label === 'string') return label;
  return { texts: pair ? ([first, second] as const) : ([first] as const), label };
}

function brokenAt({ line, lastLine }: TableRow): string {
  const problem = 'a quotation mark is not closed, or stands where none may stand';
  return lastLine > line ? `${problem}; with it goes all up to line ${lastLine}` : problem;
}

function labelAt(field: string | undefined, words: LabelWords): number | string {
  const word = (field ?? '').trim();
  if (word === '') return 'its label is missing';
  return words.get(word) ?? `its label “${word.slice(0, 40)}” is not given a class`;
}
