import { at } from '../numbers/at';
import type { Task } from '../model/manifest';
import { classesNamed, normalised } from './class-names';

/** Which class a word of a label column means; null for rows that are to be left out. Words that are not in it are open. */
export type LabelWords = ReadonlyMap<string, number | null>;

/** A word of a label column, and how many rows have it. */
export interface LabelWord {
  readonly word: string;
  readonly rows: number;
}

/** What the words of a column seem to mean. */
export interface RecognisedWords {
  /** Of words that are clear. */
  readonly meanings: LabelWords;
  /** Of the others: why they are not. */
  readonly doubts: ReadonlyMap<string, string>;
  /** Words that stand where a row has no label. They are clear too: their rows are left out. */
  readonly unlabelled: ReadonlySet<string>;
}

type Classes = Pick<Task, 'labels'>;

/** A column of more different words than this is no label column. */
export const MOST_LABEL_WORDS = 24;
/** What data sets write where people gave no label, or agreed on none. */
const NO_LABEL = new Set([
  '',
  '?',
  '–',
  '−',
  'n/a',
  '#n/a',
  'na',
  '<na>',
  'nan',
  'none',
  'null',
  'unlabeled',
  'unlabelled',
]);
/** What stands between “label” and its number in LABEL_1, label 1, class-1, and in 1.0. */
const NUMBER = /^(?:(?:label|class)\s*)?([+-]?\d+)(?:\.0*)?$/;
/** Two classes and three numbers −1, 0, 1 may be a scale of three; so many rows of −1 are no longer a few without a label. */
const FEW_UNLABELLED = 0.25;

/** The different words of a column, most frequent first; those beyond the limit are not counted. */
export function wordsOf(values: Iterable<string>): readonly LabelWord[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const word = value.trim();
    if (word === '' || (counts.size > MOST_LABEL_WORDS && !counts.has(word))) continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([, first], [, second]) => second - first).map(([word, rows]) => ({ word, rows }));
}

/** What words seem to mean, each in the light of the others: 1 is the second class beside 0, and the first beside 2. */
export function recogniseWords(words: readonly LabelWord[], task: Classes): RecognisedWords {
  const meanings = new Map<string, number | null>();
  const doubts = new Map<string, string>();
  const unlabelled = new Set<string>();
  const numbers = new NumberedWords(words, task);
  const areInitials = words.every(({ word }) => word.length === 1 && initialOf(word, task) !== undefined);
  for (const { word } of words) {
    const found = numbers.has(word) ? numbers.meaningOf(word) : wordMeaning(word, words, task, areInitials);
    if (typeof found === 'string') doubts.set(word, found);
    else meanings.set(word, found);
    if (found === null) unlabelled.add(word);
  }
  return { meanings, doubts, unlabelled };
}

/** Whether a field, looked at alone, may be a label of the task: a class, a number of one, or what stands for no label. */
export function mayBeLabel(field: string, task: Classes): boolean {
  const word = field.trim();
  if (word === '' || word.length > 40) return false;
  const number = numberIn(word);
  if (number !== undefined) return number >= -1 && number <= task.labels.length;
  return word === '-' || NO_LABEL.has(word.toLowerCase()) || classesNamed(word, task.labels).length > 0;
}

/** Whether a word means class by its name alone, whatever stands beside it. */
export function namesClass(word: string, { labels }: Classes): boolean {
  return numberIn(word) === undefined && classesNamed(word, labels).length === 1;
}

/** Its class, null for none, or why it is not clear. */
function wordMeaning(
  word: string,
  words: readonly LabelWord[],
  task: Classes,
  areInitials: boolean,
): number | null | string {
  const initial = areInitials ? initialOf(word, task) : undefined;
  if (initial !== undefined) return initial;
  const { labels } = task;
  const named = classesNamed(word, labels);
  if (named.length === 1) return at(named, 0);
  const isMinus = word === '-' && !words.some((other) => other.word === '+');
  if (isMinus || NO_LABEL.has(word.toLowerCase())) return null;
  if (named.length === 0) return `names no class of this task (${labels.join(', ')})`;
  return `may mean ${named.map((label) => at(labels, label)).join(' or ')}`;
}

/** Labels of one letter each, as SNLI's e, n and c. */
function initialOf(word: string, { labels }: Classes): number | undefined {
  const begun = labels.flatMap((name, label) => (normalised(name).startsWith(word.toLowerCase()) ? [label] : []));
  return begun.length === 1 ? begun[0] : undefined;
}

/** The number in a word: of “1”, “1.0”, “LABEL_1”, “class 1”. */
function numberIn(word: string): number | undefined {
  const digits = NUMBER.exec(normalisedNumber(word))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A hyphen that is a minus stays, one that joins “class-1” does not. */
function normalisedNumber(word: string): string {
  const plain = word.trim().replace('−', '-');
  return /^[+-]/.test(plain) ? plain : normalised(plain).replace(/^(label|class)[:#]/, '$1 ');
}

/** The words of a column that are numbers: they are numbered from 0 or from 1 together, or not at all. */
class NumberedWords {
  readonly #numbers = new Map<string, number>();
  readonly #counted: readonly number[];
  readonly #first: number | undefined;
  readonly #doubt: string | undefined;
  readonly #isMinusOpen: boolean;

  constructor(words: readonly LabelWord[], { labels }: Classes) {
    for (const { word } of words) {
      const number = numberIn(word);
      if (number !== undefined) this.#numbers.set(word, number);
    }
    this.#counted = [...new Set(this.#numbers.values())].filter((number) => number !== -1).sort((a, b) => a - b);
    const found = firstNumber(this.#counted, labels);
    [this.#first, this.#doubt] = typeof found === 'string' ? [undefined, found] : [found, undefined];
    const isWhole = this.#counted.length === labels.length;
    const all = words.reduce((sum, { rows }) => sum + rows, 0);
    const minus = words.reduce((sum, { word, rows }) => sum + (this.#numbers.get(word) === -1 ? rows : 0), 0);
    const mayBeScale = labels.length === 2 && minus > FEW_UNLABELLED * all;
    this.#isMinusOpen = minus > 0 && this.#counted.length > 0 && (!isWhole || mayBeScale);
  }

  has(word: string): boolean {
    return this.#numbers.has(word);
  }

  /** Its class, null for −1 where that stands for no label, or why it is not clear. */
  meaningOf(word: string): number | null | string {
    const number = this.#numbers.get(word);
    if (this.#isMinusOpen) return 'may be a point on a scale, or −1 may stand for no label';
    if (number === -1) return null;
    return this.#doubt ?? (number ?? 0) - (this.#first ?? 0);
  }
}

/** What the first class's number is, by all numbers there are, ascending; or why that is not clear. */
function firstNumber(numbers: readonly number[], labels: readonly string[]): 0 | 1 | string {
  const [least = 0, most = 0] = [numbers[0], numbers.at(-1)];
  const classes = labels.length;
  if (least < 0 || most > classes) return `is no number of a class: ${classes} classes are numbered from 0 or from 1`;
  if (least === 0)
    return most < classes ? 0 : `may be numbered in another way: there are 0 and ${most}, and ${classes} classes`;
  if (most === classes && numbers.length > 1) return 1;
  return 'may be numbered from 0 or from 1';
}
