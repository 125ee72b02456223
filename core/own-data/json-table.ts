import { DimeeError } from '../errors';
import { FILE_LIMITS, tooMany } from './limits';
import type { Table, TableRow } from './table';

type JsonObject = Readonly<Record<string, unknown>>;

/** How texts of JSON begin; a sentence may begin with a bracket, but hardly so. */
const BEGINNING = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/;
/** How objects begin: what goes on like this and cannot be read is damaged JSON, and no sentence. */
const CERTAINLY_JSON = /^\s*(?:\{\s*"[^"\n]*"\s*:|\[\s*\{\s*")/;
/** Lines parsed between two breaths. */
const CHUNK_LINES = 5000;
/** Objects within objects that are looked into for the rows. */
const MOST_DEPTH = 3;

/**
 * The rows of a text in JSON: an array of rows, an object with one such array in it, columns by name, or a row a line.
 * Undefined where it is no JSON.
 * @throws DimeeError `BAD_INPUT` where it is JSON that is damaged or holds no rows, or several lists of them.
 */
export async function jsonTable(
  text: string,
  breathe: () => Promise<void>,
  mostRows: number = FILE_LIMITS.maxRows,
): Promise<Table | undefined> {
  if (!BEGINNING.test(text)) return undefined;
  const whole = parsed(text);
  if (whole !== undefined && (Array.isArray(whole) || !isOneRow(whole))) return tableOf(rowsIn(whole), mostRows);
  const lines = await parsedLines(text, breathe);
  if (lines.some(({ value }) => typeof value === 'object' && value !== null)) return tableOf(lines, mostRows);
  if (!isCertainlyJson(text)) return undefined;
  throw new DimeeError(
    'BAD_INPUT',
    'The file begins like JSON and cannot be read as such. Save it again, and open that.',
  );
}

/** Whether a text is JSON beyond doubt, or was. */
export function isCertainlyJson(text: string): boolean {
  return CERTAINLY_JSON.test(text);
}

/** A value that is a row, or why it is none. */
interface Item {
  readonly value: unknown;
  readonly problem?: string;
  /** Its line; undefined for entries of an array. */
  readonly line?: number;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function parsedLines(text: string, breathe: () => Promise<void>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (index % CHUNK_LINES === CHUNK_LINES - 1) await breathe();
    if (line.trim() === '') continue;
    const value = parsed(line);
    const isRow = typeof value === 'object' && value !== null;
    items.push({ value, line: index + 1, ...(!isRow && { problem: 'is not an object or array in JSON' }) });
  }
  return items;
}

/** A single object without a list in it is one row alone. */
function isOneRow(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((part) => typeof part !== 'object' || part === null);
}

/** The rows of a whole document. */
function rowsIn(document: unknown): readonly Item[] {
  if (Array.isArray(document)) return document.map((value: unknown) => ({ value }));
  if (!isObject(document)) throw noRows();
  const named = servedRows(document) ?? splitRows(document) ?? columnRows(document);
  if (named) return named.map((value) => ({ value }));
  const [list, ...others] = listsIn(document, '', MOST_DEPTH);
  if (!list) throw noRows();
  if (others.length > 0) {
    const names = [list, ...others].map(({ path }) => `“${path}”`).join(', ');
    throw new DimeeError('BAD_INPUT', `The file has several lists of rows: ${names}. Save one of them alone.`);
  }
  return list.rows.map((value) => ({ value }));
}

function noRows(): DimeeError {
  return new DimeeError('BAD_INPUT', 'The file is JSON without a list of rows. An array of objects was expected.');
}

/** As the Hugging Face server sends them: rows in an envelope each, and the names of classes for their numbers. */
function servedRows({ rows, features }: JsonObject): readonly unknown[] | undefined {
  if (!Array.isArray(rows) || !rows.every((row): row is { row: JsonObject } => isObject(row) && isObject(row['row']))) {
    return undefined;
  }
  const classes = new Map((Array.isArray(features) ? features : []).flatMap(classNamesOf));
  return rows.map(({ row }) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, classes.get(key)?.[value as number] ?? value] as const),
    ),
  );
}

function classNamesOf(feature: unknown): readonly (readonly [string, readonly string[]])[] {
  if (!isObject(feature) || !isObject(feature['type'])) return [];
  const { names } = feature['type'];
  return Array.isArray(names) && typeof feature['name'] === 'string' ? [[feature['name'], names.map(String)]] : [];
}

/** As pandas splits a table: names of columns, and rows as arrays. */
function splitRows({ columns, data }: JsonObject): readonly unknown[] | undefined {
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every((row) => Array.isArray(row))) return undefined;
  return data.map((row) => Object.fromEntries(columns.map((name, at) => [String(name), row[at] as unknown])));
}

/** Columns by name, each an array or an object by the row's number, all of one length. */
function columnRows(document: JsonObject): readonly unknown[] | undefined {
  const columns = Object.entries(document).map(([name, column]) => [name, cellsOf(column)] as const);
  const lengths = new Set(columns.map(([, cells]) => cells?.length));
  if (columns.length < 2 || lengths.size !== 1 || lengths.has(undefined)) return undefined;
  const [, first = []] = columns[0] ?? [];
  return first.map((_, row) => Object.fromEntries(columns.map(([name, cells]) => [name, cells?.[row]])));
}

function cellsOf(column: unknown): readonly unknown[] | undefined {
  const isByNumber = isObject(column) && Object.keys(column).every((key) => /^\d+$/.test(key));
  const cells = Array.isArray(column) ? (column as unknown[]) : isByNumber ? Object.values(column) : undefined;
  return cells?.every((cell) => typeof cell !== 'object' || cell === null) ? cells : undefined;
}

function listsIn(document: JsonObject, path: string, depth: number): { path: string; rows: readonly unknown[] }[] {
  return Object.entries(document).flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(value) && value.length > 0) return [{ path: name, rows: value as unknown[] }];
    return isObject(value) && depth > 1 ? listsIn(value, name, depth - 1) : [];
  });
}

/** Objects become rows below a header of all their names, in the order these first come; arrays and texts rows without one. */
function tableOf(items: readonly Item[], mostRows: number): Table {
  if (items.length > mostRows) throw tooMany('rows');
  const flat = items.map(({ value }) => (isObject(value) ? flattened(value) : undefined));
  const names = [...new Set(flat.flatMap((row) => (row ? [...row.keys()] : [])))];
  const lists = items.map(({ value }) => (Array.isArray(value) ? value.map(cellText) : [cellText(value)]));
  const width = names.length || lists.reduce((most, { length }) => Math.max(most, length), 0);
  if (width > FILE_LIMITS.maxColumns) throw tooMany('columns');
  const rows = items.map(({ line, problem }, index): TableRow => {
    const fields = names.length > 0 ? names.map((name) => flat[index]?.get(name) ?? '') : (lists[index] ?? []);
    const why = problem ?? (names.length > 0 && !flat[index] ? 'is no object where others are' : undefined);
    return { line: line ?? index + 1, fields, ...(why !== undefined && { problem: why }) };
  });
  const isByLine = items[0]?.line !== undefined;
  const header = names.length > 0 ? [{ line: 0, fields: names }] : [];
  return {
    ...{ rows: [...header, ...rows], width, ...(names.length > 0 && { hasHeader: true }) },
    ...(!isByLine && { countedBy: 'entry' }),
  };
}

/** The fields of an object; those of objects in it by both names: `row.sentence`. */
function flattened(object: JsonObject, prefix = '', into = new Map<string, string>()): ReadonlyMap<string, string> {
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value)) flattened(value, `${prefix}${key}.`, into);
    else into.set(`${prefix}${key}`, cellText(value));
  }
  return into;
}

/** A list of one is that one. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.length === 1) return cellText(value[0]);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
