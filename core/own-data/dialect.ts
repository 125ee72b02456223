import Papa from 'papaparse';

export const DELIMITERS = ['\t', ',', ';', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** How a table is written down. */
export interface Dialect {
  readonly delimiter: Delimiter;
  /** Fields may stand in quotation marks (RFC 4180, as CSV does). GLUE's files have quotation marks, but mean them. */
  readonly quoted: boolean;
}

/** Characters and rows that are looked at; the rest of a file is written alike. */
const SAMPLE_LENGTH = 200_000;
const SAMPLE_ROWS = 200;
/** Of all rows, so many must have as many fields as most have. Texts with commas in them do not. */
const REGULAR_SHARE = 0.8;

/** Recognises delimiter and quoting from the first rows. One column alone is read as tab-separated. */
export function recogniseDialect(text: string): Dialect {
  const sample = sampleOf(text);
  const delimiter = DELIMITERS.find((candidate) => isRegular(sample, candidate)) ?? '\t';
  return { delimiter, quoted: isQuoted(sample, delimiter) };
}

/** Whole lines, the last one left out where the sample may cut it. */
function sampleOf(text: string): string {
  const sample = text.slice(0, SAMPLE_LENGTH);
  return sample.length < text.length ? sample.slice(0, sample.lastIndexOf('\n') + 1) || sample : sample;
}

function isRegular(sample: string, delimiter: Delimiter): boolean {
  const quoted = isQuoted(sample, delimiter);
  const widths = firstRows(sample, { delimiter, quoted }).data.map((row) => row.length);
  const width = mostFrequent(widths);
  return width > 1 && widths.filter((other) => other === width).length >= REGULAR_SHARE * widths.length;
}

/** Commas come with quoting. Tabs do where a field stands in quotation marks and no field breaks their rules. */
function isQuoted(sample: string, delimiter: Delimiter): boolean {
  if (delimiter !== '\t') return true;
  const { data, errors } = firstRows(sample, { delimiter, quoted: true });
  if (errors.some(({ type }) => type === 'Quotes')) return false;
  const plain = firstRows(sample, { delimiter, quoted: false }).data;
  return plain.length !== data.length || plain.some((row) => row.some((field) => field.startsWith('"')));
}

function firstRows(sample: string, dialect: Dialect): Papa.ParseResult<string[]> {
  return Papa.parse<string[]>(sample, { ...parseOptions(sample, dialect), preview: SAMPLE_ROWS, skipEmptyLines: true });
}

/** What papaparse must know, so that it guesses nothing itself. It takes “\r” before “\n” for a space. */
export function parseOptions(text: string, { delimiter, quoted }: Dialect) {
  const newline = text.includes('\n') ? ('\n' as const) : ('\r' as const);
  return { delimiter, newline, fastMode: !quoted, header: false as const };
}

export function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
}
