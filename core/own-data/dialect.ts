import Papa from 'papaparse';
import type { Task } from '../model/manifest';
import { areCounted, hasKnownNames } from './column-names';
import { isResultsHeader } from './result-tsv';
import { isProse, type LooseText, looseTextIn } from './loose-text';

export const DELIMITERS = ['\t', ',', ';', '|', ' '] as const;
export type Delimiter = (typeof DELIMITERS)[number];
export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = {
  '\t': 'tab',
  ',': 'comma',
  ';': 'semicolon',
  '|': 'bar',
  ' ': 'blank',
};

/** How a table is written down. */
export interface Dialect {
  readonly delimiter: Delimiter;
  /** Fields may stand in quotation marks (RFC 4180, as CSV does). GLUE's files have quotation marks, but mean them. */
  readonly quoted: boolean;
  /** Of a text that has delimiters of its own and no quotation marks around. */
  readonly around?: LooseText;
}

/** A dialect, and what of it is not certain. */
export interface RecognisedDialect {
  readonly dialect: Dialect;
  /** The delimiter of which only a person can say whether it divides lines or belongs to the texts. */
  readonly doubtful?: Delimiter | undefined;
}

/** Characters and rows that are looked at; the rest of a file is written alike. */
const SAMPLE_LENGTH = 200_000;
const SAMPLE_ROWS = 200;
/** Of all rows, so many must have as many fields as most have. Texts with commas in them do not. */
const REGULAR_SHARE = 0.8;
const LEAST_ROWS_BY_BLANKS = 4;

/** Recognises delimiter and quoting from the first rows. One column alone is read as tab-separated. */
export function recogniseDialect(text: string, task: Task): RecognisedDialect {
  const found = DELIMITERS.map((delimiter) => divided(text, delimiter, task));
  const certain = found.find((candidate) => candidate !== undefined && candidate !== 'doubtful');
  if (certain) return { dialect: certain };
  const doubtful = DELIMITERS.find((_, index) => found[index] === 'doubtful');
  return { dialect: { delimiter: '\t', quoted: isQuoted(text, '\t') }, doubtful };
}

/** How a table is written whose delimiter a person has named. */
export function dialectWith(text: string, delimiter: Delimiter, task: Task): Dialect {
  const dialect = divided(text, delimiter, task);
  return dialect && dialect !== 'doubtful' ? dialect : { delimiter, quoted: isQuoted(text, delimiter) };
}

/** What papaparse must know, so that it guesses nothing itself. It takes “\r” before “\n” for a space. */
export function parseOptions(text: string, { delimiter, quoted }: Dialect) {
  const newline = text.includes('\n') ? ('\n' as const) : ('\r' as const);
  return { delimiter, newline, fastMode: !quoted, header: false as const };
}

/** Whether the first row lacks a name for a first column that counts the rows, as R writes it. */
export function lacksIndexName(rows: readonly (readonly string[])[]): boolean {
  const [header = [], ...body] = rows;
  const isOneShort = body.length > 1 && body.every((row) => row.length === header.length + 1);
  return isOneShort && areCounted(body.map(([first = '']) => first));
}

export function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
}

/** How the delimiter divides the rows; undefined where it does not, `doubtful` where it may or may not. */
function divided(text: string, delimiter: Delimiter, task: Task): Dialect | 'doubtful' | undefined {
  if (delimiter === ' ') return dividedByBlanks(text, task);
  const quoted = isQuoted(text, delimiter);
  const rows = firstRows(text, { delimiter, quoted });
  const [first = []] = rows;
  if (isResultsHeader(first)) return { delimiter, quoted: true };
  if (rows.every((row) => row.length === 1)) return undefined;
  const hasMarks = quoted && hasQuotes(text, delimiter);
  const regularity = !hasMarks && isProse(rows, task) ? 0 : regularityOf(rows);
  const isSound = !hasMarks || !breaksQuotes(sampleOf(text), text, delimiter);
  if (regularity === 1 && isSound) return { delimiter, quoted };
  const loose = looseTextIn(firstRows(text, { delimiter, quoted: false }), task);
  if (loose !== undefined && loose !== 'some') return { delimiter, quoted: false, around: loose };
  if (regularity >= REGULAR_SHARE) return { delimiter, quoted };
  const namesColumns = hasKnownNames(first) && first.length > 1;
  return loose === 'some' || namesColumns ? 'doubtful' : undefined;
}

/** The share of rows with as many fields as most have; 0 where most have one. */
function regularityOf(rows: readonly (readonly string[])[]): number {
  if (lacksIndexName(rows)) return 1;
  const widths = rows.map((row) => row.length);
  const width = mostFrequent(widths);
  return width === 1 ? 0 : widths.filter((other) => other === width).length / widths.length;
}

/** Blanks are what texts are made of: they divide a label from its text alone, and that in every row of several. */
function dividedByBlanks(text: string, task: Task): Dialect | undefined {
  const rows = firstRows(text, { delimiter: ' ', quoted: false });
  const around = rows.length < LEAST_ROWS_BY_BLANKS ? undefined : looseTextIn(rows, task);
  if (around === undefined || around === 'some' || around.before + around.after !== 1) return undefined;
  const ends = rows.slice(1).map((row) => row.at(around.before === 1 ? 0 : -1) ?? '');
  return areCounted(ends) ? undefined : { delimiter: ' ', quoted: false, around };
}

/**
 * Commas come with quoting, unless fields break its rules and are as many without it. Tabs do where a field stands in
 * quotation marks and no field breaks their rules.
 */
function isQuoted(text: string, delimiter: Delimiter): boolean {
  const sample = quotedSample(text, delimiter);
  const breaksRules = breaksQuotes(sample, text, delimiter);
  if (delimiter === '\t') return !breaksRules && hasQuotes(sample, delimiter);
  return !breaksRules || new Set(firstRows(sample, { delimiter, quoted: false }).map((row) => row.length)).size > 1;
}

/** Whether fields of a sample break the rules of quoting; its last row may be cut, unless it is the whole text. */
function breaksQuotes(sample: string, text: string, delimiter: Delimiter): boolean {
  const { data, errors } = parsed(sample, { delimiter, quoted: true });
  const cut = sample.length < text.length ? data.length - 1 : undefined;
  return errors.some(({ type, row }) => type === 'Quotes' && row !== cut);
}

/** Whole lines; where no field among the first begins with a quotation mark, those from the first one on that does. */
function quotedSample(text: string, delimiter: Delimiter): string {
  const first = sampleOf(text);
  if (hasQuotes(first, delimiter) || first.length === text.length) return first;
  const place = text.search(quotedField(delimiter));
  return place < 0 ? first : sampleOf(text.slice(text.lastIndexOf('\n', place) + 1));
}

function hasQuotes(text: string, delimiter: Delimiter): boolean {
  return quotedField(delimiter).test(text);
}

function quotedField(delimiter: Delimiter): RegExp {
  return new RegExp(`(^|\\${delimiter})"`, 'm');
}

/** Whole lines, the last one left out where the sample may cut it. */
function sampleOf(text: string): string {
  const sample = text.slice(0, SAMPLE_LENGTH);
  return sample.length < text.length ? sample.slice(0, sample.lastIndexOf('\n') + 1) || sample : sample;
}

function firstRows(text: string, dialect: Dialect): readonly (readonly string[])[] {
  return parsed(sampleOf(text), dialect).data;
}

function parsed(sample: string, dialect: Dialect): Papa.ParseResult<string[]> {
  return Papa.parse<string[]>(sample, { ...parseOptions(sample, dialect), preview: SAMPLE_ROWS, skipEmptyLines: true });
}
