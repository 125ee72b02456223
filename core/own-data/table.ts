import Papa from 'papaparse';
import type { DimeeError } from '../errors';
import { type Dialect, lacksIndexName, mostFrequent, parseOptions } from './dialect';
import { FILE_LIMITS, tooMany } from './limits';

/** A row of a file as it was written, empty lines left out. */
export interface TableRow {
  /** The line it begins at, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why it cannot be read, as the end of a sentence about it. */
  readonly problem?: string;
}

export interface Table {
  readonly rows: readonly TableRow[];
  /** Fields of most rows. */
  readonly width: number;
  /** Whether the first row names the columns, where the file's kind says so. */
  readonly hasHeader?: boolean;
  /** What `line` counts where that is no line of the file. */
  readonly countedBy?: 'entry';
}

/** Characters parsed between two breaths: some milliseconds of work. */
const CHUNK_LENGTH = 200_000;
const WIDTH_SAMPLE = 500;

/**
 * Reads all rows, a piece at a time; `breathe` is awaited between pieces, so that a page can draw and be heard.
 * @throws DimeeError `LIMIT_EXCEEDED` where there are too many rows or columns.
 */
export async function parseTable(
  text: string,
  dialect: Dialect,
  breathe: () => Promise<void>,
  mostRows: number = FILE_LIMITS.maxRows,
): Promise<Table> {
  const reader = new RowReader(dialect, mostRows);
  await new Promise<void>((resolve, reject) => {
    Papa.parse<string[]>(text, {
      ...parseOptions(text, dialect),
      chunkSize: CHUNK_LENGTH,
      worker: false,
      chunk: (results: Papa.ParseResult<string[]>, parser: Papa.Parser) => {
        reader.take(results);
        parser.pause();
        void breathe().then(() => (reader.problem ? reject(reader.problem) : parser.resume()));
      },
      complete: () => resolve(),
    });
  });
  return tableOf(reader.rows);
}

/** The first rows of a text, read at once. */
export function parseSample(text: string, dialect: Dialect): Table {
  const reader = new RowReader(dialect);
  reader.take(Papa.parse<string[]>(text, parseOptions(text, dialect)));
  return tableOf(reader.rows);
}

function tableOf(read: readonly TableRow[]): Table {
  const rows = withIndexName(read);
  return { rows, width: mostFrequent(rows.slice(0, WIDTH_SAMPLE).map(({ fields }) => fields.length)) };
}

function withIndexName(rows: readonly TableRow[]): readonly TableRow[] {
  const [header, ...body] = rows;
  const sample = rows.slice(0, WIDTH_SAMPLE).map(({ fields }) => fields);
  return header && lacksIndexName(sample) ? [{ ...header, fields: ['', ...header.fields] }, ...body] : rows;
}

class RowReader {
  readonly rows: TableRow[] = [];
  problem: DimeeError | undefined;
  #line = 1;

  constructor(
    private readonly dialect: Dialect,
    private readonly mostRows: number = FILE_LIMITS.maxRows,
  ) {}

  /** Errors count the rows of their own piece; one of a row that goes on in the next piece will come again. */
  take({ data, errors }: Papa.ParseResult<string[]>): void {
    const broken = new Set(errors.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
    data.forEach((fields, index) => this.#add(fields, broken.has(index)));
    if (this.rows.length > this.mostRows) this.problem = tooMany('rows');
  }

  #add(cells: readonly string[], isBroken: boolean): void {
    const line = this.#line;
    const lastLine = line + (this.dialect.quoted ? lineBreaksIn(cells) : 0);
    this.#line = lastLine + 1;
    const fields = textPutTogether(cells, this.dialect);
    if (fields.length > FILE_LIMITS.maxColumns) this.problem = tooMany('columns');
    if (fields.every((field) => field.trim() === '')) return;
    this.rows.push({ line, fields, ...(isBroken && { problem: brokenUpTo(line, lastLine) }) });
  }
}

function brokenUpTo(line: number, lastLine: number): string {
  const problem = 'a quotation mark is not closed, or stands where none may stand';
  return lastLine > line ? `${problem}; with it goes all up to line ${lastLine}` : problem;
}

/** The pieces of a text that has delimiters of its own become one field again. */
function textPutTogether(cells: readonly string[], { around, delimiter }: Dialect): readonly string[] {
  if (!around) return cells;
  const end = Math.max(cells.length - around.after, around.before);
  const text = cells.slice(around.before, end).join(delimiter);
  return [...cells.slice(0, around.before), text, ...cells.slice(end)].map(withoutQuotes);
}

function withoutQuotes(field: string): string {
  const inner = /^\s*"(.*)"\s*$/s.exec(field)?.[1];
  return inner === undefined ? field : inner.replaceAll('""', '"');
}

function lineBreaksIn(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}
