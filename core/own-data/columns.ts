import { at } from '../numbers/at';
import type { Task } from '../model/manifest';
import { labelOf, MOST_LABEL_WORDS, wordsOf } from './label-words';
import type { Table, TableRow } from './table';

/** What a table's columns are, counted from 0. */
export interface Columns {
  readonly hasHeader: boolean;
  /** One for each text of the task. Undefined where the table has too few. */
  readonly texts: readonly (number | undefined)[];
  readonly label: number | undefined;
}

/** The names such columns have in GLUE's files and in other people's, the likeliest first. */
const NAMES = {
  sentence: ['sentence', 'text', 'sentence1', 'review', 'comment', 'content', 'body', 'utterance', 'phrase', 'input'],
  first: ['sentence1', 'premise', 'question1', '#1 string', 'question', 'text1', 'text_a', 'sent1', 'query', 'first'],
  second: [
    'sentence2',
    'hypothesis',
    'question2',
    '#2 string',
    'sentence',
    'text2',
    'text_b',
    'sent2',
    'second',
    'answer',
  ],
  label: ['label', 'gold_label', 'gold', 'class', 'is_duplicate', 'quality', 'target', 'y', 'category', 'sentiment'],
} as const;
const KNOWN_NAMES = new Set<string>(Object.values(NAMES).flat());
/** Rows that a guess from content looks at. */
const SAMPLE_ROWS = 200;
/** Of a label column's fields, so many must name a class; the others may be what the task does not know. */
const LABELLED_SHARE = 0.8;

/** Recognises columns by their names, and by what stands in them where names do not tell. */
export function recogniseColumns(table: Table, task: Task): Columns {
  const [first] = table.rows;
  const names = (first?.fields ?? []).map((field) => field.trim().toLowerCase());
  const isNamed = names.some((name) => KNOWN_NAMES.has(name));
  const byName = (roles: readonly string[], taken: readonly (number | undefined)[] = []) =>
    isNamed
      ? roles.map((role) => names.indexOf(role)).find((place) => place >= 0 && !taken.includes(place))
      : undefined;
  const contents = contentsOf(table);
  const label = byName(NAMES.label) ?? labelColumn(contents, task);
  const textNames = task.pair ? [NAMES.first, NAMES.second] : [NAMES.sentence];
  const texts: (number | undefined)[] = [];
  for (const roles of textNames) texts.push(byName(roles, texts));
  const hasHeader = isNamed || startsWithOtherWords(first, contents, label, task);
  return { hasHeader, texts: filledByLength(texts, contents, label), label };
}

/** The first rows below the first one, which may be a header; all of a table of one row. By column. */
function contentsOf({ rows, width }: Table): readonly (readonly string[])[] {
  const sample = rows.length > 1 ? rows.slice(1, SAMPLE_ROWS + 1) : rows;
  return Array.from({ length: width }, (_, column) => sample.map(({ fields }) => fields[column] ?? ''));
}

/** The column of few words in which most fields name a class of the task: one of several words first, then the last. */
function labelColumn(contents: readonly (readonly string[])[], task: Task): number | undefined {
  const words = contents.map((fields) => wordsOf(fields).length);
  const candidates = contents.flatMap((fields, column) => {
    const named = fields.filter((field) => labelOf(field.trim(), task) !== undefined).length;
    return at(words, column) <= MOST_LABEL_WORDS && named >= LABELLED_SHARE * fields.length ? [column] : [];
  });
  const isConstant = (column: number) => Number(words[column] === 1);
  return candidates.sort((first, second) => isConstant(first) - isConstant(second) || second - first)[0];
}

/** A first row without a label, above rows that all have one, is a header. */
function startsWithOtherWords(
  first: TableRow | undefined,
  contents: readonly (readonly string[])[],
  label: number | undefined,
  task: Task,
): boolean {
  if (!first || label === undefined || at(contents, label).length < 2) return false;
  return labelOf(first.fields[label] ?? '', task) === undefined;
}

/** Texts are what is longest; of two, the left one comes first. */
function filledByLength(
  texts: readonly (number | undefined)[],
  contents: readonly (readonly string[])[],
  label: number | undefined,
): readonly (number | undefined)[] {
  const length = (column: number) => at(contents, column).reduce((sum, field) => sum + field.length, 0);
  const missing = texts.filter((column) => column === undefined).length;
  const free = contents
    .map((_, column) => column)
    .filter((column) => column !== label && !texts.includes(column) && length(column) > 0)
    .sort((first, second) => length(second) - length(first))
    .slice(0, missing)
    .sort((first, second) => first - second);
  return texts.map((column) => column ?? free.shift());
}
