import type { Task } from '../model/manifest';
import { type Delimiter, type Dialect, dialectWith, recogniseDialect } from './dialect';
import { fastTextTable, isFastText } from './fast-text';
import { jsonTable } from './json-table';
import { isResultsHeader, unprotected } from './result-tsv';
import { parseTable, type Table } from './table';

/** A file's rows, and how they were found in it. */
export interface ReadTable {
  readonly table: Table;
  readonly kind: 'delimited' | 'json' | 'fastText';
  /** Of delimited rows. */
  readonly dialect: Dialect | undefined;
  /** The delimiter of which only a person can say whether it divides the lines. */
  readonly doubtful?: Delimiter | undefined;
}

/** What a person says of how a table is written; the rest is recognised. */
export interface Written {
  readonly delimiter?: Delimiter | undefined;
  readonly quoted?: boolean;
}

/** With this first line Excel is told what divides columns. Its line end stays, so that lines are counted as they are. */
const DELIMITER_HINT = /^sep=.(?=\r|\n)/i;

/**
 * Finds the rows of a text: JSON, lines as fastText writes them, or fields between delimiters. `breathe` is awaited
 * between pieces, so that a page can draw and be heard. `mostRows` is the page’s limit where it is not given.
 * @throws DimeeError `BAD_INPUT` for JSON that is damaged or has no rows; `LIMIT_EXCEEDED` for too many rows or columns.
 */
export async function readTable(
  file: string,
  task: Task,
  written: Written,
  breathe: () => Promise<void>,
  mostRows?: number,
): Promise<ReadTable> {
  const text = file.replace(DELIMITER_HINT, '');
  const isOpen = written.delimiter === undefined;
  const json = isOpen ? await jsonTable(text, breathe, mostRows) : undefined;
  if (json) return { table: json, kind: 'json', dialect: undefined };
  if (isOpen && isFastText(text)) return { table: fastTextTable(text, mostRows), kind: 'fastText', dialect: undefined };
  const { delimiter } = written;
  const found =
    delimiter === undefined ? recogniseDialect(text, task) : { dialect: dialectWith(text, delimiter, task) };
  const dialect = written.quoted === undefined ? found.dialect : { ...found.dialect, quoted: written.quoted };
  const table = asItWas(await parseTable(text, dialect, breathe, mostRows));
  if (written.quoted !== undefined || !meansItsQuotes(table, dialect)) {
    return { ...found, table, kind: 'delimited', dialect };
  }
  const plain = { ...dialect, quoted: false };
  return { ...found, table: await parseTable(text, plain, breathe, mostRows), kind: 'delimited', dialect: plain };
}

/** Results that were saved here have their texts back without what was put in front for spreadsheets. */
function asItWas(table: Table): Table {
  if (!isResultsHeader(table.rows[0]?.fields ?? [])) return table;
  return {
    ...table,
    hasHeader: true,
    rows: table.rows.map((row) => ({ ...row, fields: row.fields.map(unprotected) })),
  };
}

/** Beyond the rows that were looked at, a field of a file with tabs breaks the rules of quoting: it has none, as GLUE’s. */
function meansItsQuotes({ rows }: Table, { delimiter, quoted }: Dialect): boolean {
  return quoted && delimiter === '\t' && rows.some(({ problem }) => problem !== undefined);
}
