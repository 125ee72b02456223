import { at } from '../numbers/at';
import type { Task } from '../model/manifest';
import {
  areCounted,
  columnKey,
  FIRST_NAMES,
  hasKnownNames,
  isAnswerName,
  isIndexName,
  LABEL_NAMES,
  SECOND_NAMES,
  TEXT_NAMES,
} from './column-names';
import { MOST_LABEL_WORDS, mayBeLabel, namesClass, wordsOf } from './label-words';
import type { Table, TableRow } from './table';

/** What a table's columns are, counted from 0. */
export interface Columns {
  readonly hasHeader: boolean;
  /** One for each text of the task. Undefined where the table has too few. */
  readonly texts: readonly (number | undefined)[];
  readonly label: number | undefined;
}

/** The fields of one column in the first rows. */
type Content = readonly string[];

/** Rows that a guess from content looks at. */
const SAMPLE_ROWS = 200;
/** Of a label column's fields, so many may be labels; the others may be what the task does not know. */
const LABELLED_SHARE = 0.8;

/** Recognises columns by their names, and by what stands in them where names do not tell. */
export function recogniseColumns(table: Table, task: Task): Columns {
  const [first] = table.rows;
  const names = first && (table.hasHeader ?? hasKnownNames(first.fields)) ? first.fields : [];
  const contents = contentsOf(table);
  const label = namedLabel(names, contents, task) ?? guessedLabel(names, contents, task);
  const roles = task.pair ? [FIRST_NAMES, SECOND_NAMES] : [TEXT_NAMES];
  const texts: (number | undefined)[] = [];
  for (const role of roles) {
    texts.push(columnsNamed(names, role).find((column) => column !== label && !texts.includes(column)));
  }
  const hasHeader = table.hasHeader ?? (names.length > 0 || startsWithOtherWords(first, contents, label, task));
  const header = hasHeader ? (first?.fields ?? []) : [];
  return { hasHeader, texts: filledByLength(texts, contents, label, header), label };
}

/** The first rows below the first one, which may be a header; all of a table of one row. By column. */
function contentsOf({ rows, width }: Table): readonly Content[] {
  const sample = rows.length > 1 ? rows.slice(1, SAMPLE_ROWS + 1) : rows;
  return Array.from({ length: width }, (_, column) => sample.map(({ fields }) => (fields[column] ?? '').trim()));
}

/** Columns with one of the names, the likeliest name first. */
function columnsNamed(names: readonly string[], role: readonly string[]): readonly number[] {
  const keys = names.map(columnKey);
  return role.flatMap((name) => [...keys.keys()].filter((column) => keys[column] === name));
}

/** A column that is called so: one whose words name classes by themselves before one of numbers. */
function namedLabel(names: readonly string[], contents: readonly Content[], task: Task): number | undefined {
  const named = columnsNamed(names, LABEL_NAMES);
  return named.find((column) => saysClasses(contents[column] ?? [], task)) ?? named[0];
}

/** The column of few words in which most fields may be labels: words before numbers, several words before one, the last. */
function guessedLabel(names: readonly string[], contents: readonly Content[], task: Task): number | undefined {
  const isOther = (name: string | undefined) => name !== undefined && (isIndexName(name) || isAnswerName(name));
  const candidates = contents.flatMap((fields, column) => {
    const words = wordsOf(fields);
    const may = fields.filter((field) => mayBeLabel(field, task)).length;
    const isLabel = words.length > 0 && words.length <= MOST_LABEL_WORDS && may >= LABELLED_SHARE * fields.length;
    if (!isLabel || isOther(names[column])) return [];
    const rank = [areCounted(fields), words.length === 1, !saysClasses(fields, task)].map(Number);
    return [{ column, rank: Number(rank.join('')) }];
  });
  return candidates.sort((one, other) => one.rank - other.rank || other.column - one.column)[0]?.column;
}

function saysClasses(fields: Content, task: Task): boolean {
  const words = wordsOf(fields);
  return words.length > 0 && words.every(({ word }) => namesClass(word, task));
}

/** A first row without a label, above rows that all have one, is a header; so is one with a word above numbers alone. */
function startsWithOtherWords(
  first: TableRow | undefined,
  contents: readonly Content[],
  label: number | undefined,
  task: Task,
): boolean {
  if (!first || contents.every((fields) => fields.length < 2)) return false;
  if (label !== undefined && !mayBeLabel(first.fields[label] ?? '', task)) return true;
  const isNumber = (field: string) => /^[+-]?\d+(\.\d*)?$/.test(field.trim());
  return contents.some((fields, column) => {
    const name = first.fields[column] ?? '';
    return fields.every(isNumber) && name.trim() !== '' && !isNumber(name) && !mayBeLabel(name, task);
  });
}

/** Texts are what is longest, and neither counts rows nor answers; of two, the left one comes first. */
function filledByLength(
  texts: readonly (number | undefined)[],
  contents: readonly Content[],
  label: number | undefined,
  header: readonly string[],
): readonly (number | undefined)[] {
  const length = (column: number) => at(contents, column).reduce((sum, field) => sum + field.length, 0);
  const isOther = (column: number) => {
    const name = header[column];
    return (
      (name !== undefined && name !== '' && (isIndexName(name) || isAnswerName(name))) ||
      areCounted(at(contents, column))
    );
  };
  const missing = texts.filter((column) => column === undefined).length;
  const free = contents
    .map((_, column) => column)
    .filter((column) => column !== label && !texts.includes(column) && length(column) > 0 && !isOther(column))
    .sort((first, second) => length(second) - length(first))
    .slice(0, missing)
    .sort((first, second) => first - second);
  return texts.map((column) => column ?? free.shift());
}
