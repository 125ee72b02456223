import type { Task } from '../model/manifest';
import { type Columns, recogniseColumns } from './columns';
import { DELIMITER_NAMES } from './dialect';
import { type LabelWord, type LabelWords, MOST_LABEL_WORDS, recogniseWords, wordsOf } from './label-words';
import type { ReadTable } from './layout';
import { type FittedRows, fitRows } from './own-rows';
import type { TableRow } from './table';

/** What a person says of a table; the rest is recognised. */
export interface Said {
  readonly columns: Partial<Columns>;
  /** Null leaves the rows of a word out. */
  readonly words: LabelWords;
}

export const NOTHING_SAID: Said = { columns: {}, words: new Map() };

/** What only a person can answer before rows are run: what it is about, and in words. */
export interface Question {
  readonly about: 'columns' | 'delimiter' | 'labels';
  readonly text: string;
}

/** A table as it is understood: page and command line take rows from nothing else. */
export interface Understanding {
  readonly columns: Columns;
  /** What columns are called: by the header, or by their number. */
  readonly columnNames: readonly string[];
  /** The rows below the header. */
  readonly body: readonly TableRow[];
  /** The words of the label column, most frequent first. */
  readonly labelWords: readonly LabelWord[];
  /** Which class each of them means; the others are open. */
  readonly meanings: LabelWords;
  /** The rows that fit; undefined where columns must be chosen first. */
  readonly fitted: FittedRows | undefined;
  /** Must be answered before rows are run. */
  readonly questions: readonly Question[];
  /** What was understood, a sentence each. */
  readonly understood: readonly string[];
  /** What is not as one might expect, a sentence each. */
  readonly warnings: readonly string[];
}

/** Recognises what a table's columns and labels are, beside what a person says of them. */
export function understand({ table, doubtful }: ReadTable, task: Task, said: Said): Understanding {
  const columns = { ...recogniseColumns(table, task), ...said.columns };
  const { hasHeader, label } = columns;
  const body = hasHeader ? table.rows.slice(1) : table.rows;
  const header = hasHeader ? table.rows[0]?.fields : undefined;
  const columnNames = Array.from({ length: table.width }, (_, at) => header?.[at]?.trim() || `Column ${at + 1}`);
  const labelWords = label === undefined ? [] : wordsOf(body.map(({ fields }) => fields[label] ?? ''));
  const recognised = recogniseWords(labelWords, task);
  const meanings = new Map([...withoutContradicted(recognised.meanings, said.words), ...said.words]);
  const columnProblem = problemOf(columns, columnNames, labelWords, task);
  const isTestSplit =
    label !== undefined && labelWords.every(({ word }) => isLeftAsNone(word, recognised.unlabelled, said));
  const taken = isTestSplit ? { ...columns, label: undefined } : columns;
  const fitted = columnProblem === undefined ? fitRows(table, taken, meanings, task) : undefined;
  const open = columnProblem === undefined ? labelWords.filter(({ word }) => !meanings.has(word)) : [];
  const about = { task, columns, columnNames, labelWords, meanings, isTestSplit };
  return {
    ...{ columns, columnNames, body, labelWords, meanings, fitted },
    questions: [
      ...(doubtful === undefined ? [] : [delimiterQuestion(doubtful)]),
      ...(columnProblem === undefined ? [] : [{ about: 'columns', text: columnProblem } as const]),
      ...(open.length === 0 ? [] : [labelQuestion(open, recognised.doubts, task)]),
    ],
    understood: columnProblem === undefined ? [columnsSentence(about), ...labelsSentence(about)] : [],
    warnings: fitted && open.length === 0 ? warningsOf(about, fitted) : [],
  };
}

function isLeftAsNone(word: string, unlabelled: ReadonlySet<string>, { words }: Said): boolean {
  return unlabelled.has(word) && !words.has(word);
}

/** Numbers are recognised together: where a person gives one another class, the others are open again. */
function withoutContradicted(recognised: LabelWords, said: LabelWords): LabelWords {
  const isOther = (word: string, label: number | null) => label !== null && (recognised.get(word) ?? label) !== label;
  const isContradicted = [...said].some(([word, label]) => isOther(word, label));
  return isContradicted ? new Map([...recognised].filter(([, label]) => label === null)) : recognised;
}

function problemOf(
  { texts, label }: Columns,
  columnNames: readonly string[],
  labelWords: readonly LabelWord[],
  task: Task,
): string | undefined {
  if (texts.includes(undefined)) {
    const needed = task.pair ? 'two columns of texts' : 'a column of texts';
    const found = columnNames.length === 1 ? 'one column' : `${columnNames.length} columns`;
    return `${task.name} needs ${needed}, and this file has ${found} to choose from. Choose another delimiter or task.`;
  }
  if (new Set([...texts, label]).size <= texts.length) return 'Each column can be chosen only once.';
  if (labelWords.length <= MOST_LABEL_WORDS) return undefined;
  const name = columnNames[label ?? 0];
  return `“${name}” has more than ${MOST_LABEL_WORDS} different words, so it is no label column. Choose another, or “No labels”.`;
}

function delimiterQuestion(doubtful: keyof typeof DELIMITER_NAMES): Question {
  const name = DELIMITER_NAMES[doubtful];
  const problem = `Many lines have a ${name} with what may be a label beside it, but not all lines are alike`;
  return { about: 'delimiter', text: `${problem}. Say whether the ${name} divides columns or belongs to the texts.` };
}

function labelQuestion(open: readonly LabelWord[], doubts: ReadonlyMap<string, string>, { name }: Task): Question {
  const reasons = open.map(({ word, rows }) => {
    const doubt = doubts.get(word) ?? 'is open, since another word was given another class';
    return `“${word}” (${counted(rows)}) ${doubt}`;
  });
  return { about: 'labels', text: `Say what these labels are for ${name}: ${reasons.join('; ')}.` };
}

/** What sentences are made of. */
interface About extends Pick<Understanding, 'columns' | 'columnNames' | 'labelWords' | 'meanings'> {
  readonly task: Task;
  readonly isTestSplit: boolean;
}

function columnsSentence({ columns, columnNames, task }: About): string {
  const quoted = (column: number | undefined) => `“${columnNames[column ?? -1] ?? ''}”`;
  const { texts, label } = columns;
  const used = [
    ...texts.map((column, at) => `${task.pair ? `sentence ${at + 1}` : 'sentence'} is ${quoted(column)}`),
    label === undefined ? 'there are no labels' : `the label is ${quoted(label)}`,
  ];
  const unused = [...columnNames.keys()].filter((column) => column !== label && !texts.includes(column));
  const rest = unused.length === 0 ? '' : ` Not used: ${unused.map(quoted).join(', ')}.`;
  return `Columns: ${used.join(', ')}.${rest}`;
}

function labelsSentence({ columns, labelWords, meanings, isTestSplit, task }: About): readonly string[] {
  if (columns.label === undefined || isTestSplit) return [];
  const said = labelWords.map(({ word, rows }) => {
    const label = meanings.get(word);
    const meaning = label === undefined ? 'open' : label === null ? 'left out' : task.labels[label];
    return `${word} → ${meaning} (${counted(rows)})`;
  });
  return [`Labels: ${said.join(', ')}.`];
}

function warningsOf({ columns, labelWords, meanings, isTestSplit, task }: About, { rows }: FittedRows): string[] {
  if (columns.label === undefined) return [];
  if (isTestSplit) {
    const words = labelWords.map(({ word }) => `“${word}”`).join(', ');
    const what = words === '' ? 'Its label column is empty' : `Every label is ${words}, which stands for none`;
    return [`${what}, as in a test split: rows are run without labels, and nothing is said of accuracy.`];
  }
  const none = labelWords.filter(({ word }) => meanings.get(word) === null);
  const gone = none.reduce((sum, { rows: count }) => sum + count, 0);
  const lost = task.labels.filter((_, label) => !rows.gold?.includes(label));
  return [
    ...(none.length === 0
      ? []
      : [`${counted(gone)} without a label (${none.map(({ word }) => `“${word}”`).join(', ')}) left out.`]),
    ...(lost.length === 0 ? [] : [`No row is labelled ${lost.map((name) => `“${name}”`).join(' or ')}.`]),
  ];
}

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`;
}
