import Papa from 'papaparse';
import { DimeeError } from '../errors';
import { type Dialect, mostFrequent, parseOptions } from './dialect';
import { FILE_LIMITS } from './limits';

/** A row of a file as it was written, empty lines left out. */
export interface TableRow {
  /** The line it begins at, counted from 1. */
  readonly line: number;
  /** The line it ends at. */
  readonly lastLine: number;
  readonly fields: readonly string[];
  /** Its quotation marks do not come in pairs, so that it may have swallowed rows below. */
  readonly isBroken: boolean;
}

export interface Table {
  readonly rows: readonly TableRow[];
  /** Fields of most rows. */
  readonly width: number;
}

/** Characters parsed between two breaths: some milliseconds of work. */
const CHUNK_LENGTH = 200_000;
const WIDTH_SAMPLE = 500;

/**
 * Reads all rows, a piece at a time; `breathe` is awaited between pieces, so that a page can draw and be heard.
 * @throws DimeeError `LIMIT_EXCEEDED` where there are too many rows or columns.
 */
export async function parseTable(text: string, dialect: Dialect, breathe: () => Promise<void>): Promise<Table> {
  const reader = new RowReader(dialect);
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
  const widths = reader.rows.slice(0, WIDTH_SAMPLE).map(({ fields }) => fields.length);
  return { rows: reader.rows, width: mostFrequent(widths) };
}

class RowReader {
  readonly rows: TableRow[] = [];
  problem: DimeeError | undefined;
  #line = 1;

  constructor(private readonly dialect: Dialect) {}

  /** Errors count the rows of their own piece; one of a row that goes on in the next piece will come again. */
  take({ data, errors }: Papa.ParseResult<string[]>): void {
    const broken = new Set(errors.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
    data.forEach((fields, index) => this.#add(fields, broken.has(index)));
    if (this.rows.length > FILE_LIMITS.maxRows) this.problem = tooMany('rows', FILE_LIMITS.maxRows);
  }

  #add(fields: readonly string[], isBroken: boolean): void {
    const line = this.#line;
    const lastLine = line + (this.dialect.quoted ? lineBreaksIn(fields) : 0);
    this.#line = lastLine + 1;
    if (fields.length > FILE_LIMITS.maxColumns) this.problem = tooMany('columns', FILE_LIMITS.maxColumns);
    if (fields.some((field) => field.trim() !== '')) this.rows.push({ line, lastLine, fields, isBroken });
  }
}

function lineBreaksIn(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

function tooMany(what: string, most: number): DimeeError {
  const limit = `${most.toLocaleString('en')} ${what}`;
  return new DimeeError('LIMIT_EXCEEDED', `The file has more than ${limit}, the most this page takes. Split it.`);
}
