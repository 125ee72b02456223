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
  /** The words of the file that labels were read from. */
  readonly words?: LabelWords;
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
  const labelled = columns.label === undefined ? { gold: undefined } : { gold: Uint8Array.from(gold), words };
  return { rows: { texts, lines: Uint32Array.from(lines), ...labelled }, misfits };
}

/** What a row says, or why it does not fit. */
function fitRow({ fields, problem }: TableRow, width: number, columns: Columns, words: LabelWords, { pair }: Task) {
  if (problem !== undefined) return problem;
  const length = fields.findLastIndex((field) => field.trim() !== '') + 1;
  if (length > width) return `has ${length} fields where other rows have ${width}`;
  const texts = columns.texts.map((column) => oneLine(fields[column ?? -1] ?? ''));
  const [first = '', second = ''] = texts;
  if (texts.includes('')) return pair ? 'one of its two texts is missing' : 'its text is missing';
  if (texts.some((text) => text.length > LIMITS.maxTextLength)) {
    return `has a text of more than ${LIMITS.maxTextLength.toLocaleString('en')} characters`;
  }
  const label = columns.label === undefined ? 0 : labelAt(fields[columns.label], words);
  if (typeof label === 'string') return label;
  return { texts: pair ? ([first, second] as const) : ([first] as const), label };
}

/** A text as one line that every file can hold: halves of a letter, which JSON may bring, are none. */
function oneLine(field: string): string {
  return field
    .replaceAll(/\s*[\r\n\t\0]+\s*/g, ' ')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .trim();
}

function labelAt(field: string | undefined, words: LabelWords): number | string {
  const word = (field ?? '').trim();
  if (word === '') return 'its label is missing';
  const label = words.get(word);
  if (label !== undefined && label !== null) return label;
  return `its label “${word.slice(0, 40)}” ${label === null ? 'counts as none' : 'is not given a class'}`;
}
