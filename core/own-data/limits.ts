import { DimeeError } from '../errors';

/** What a file that the page opens may be: more would be read, but not run in an afternoon. */
export const FILE_LIMITS = {
  /** Every row kept is text in the page's memory, twice for a moment. */
  maxBytes: 25_000_000,
  maxRows: 100_000,
  maxColumns: 200,
} as const;

/** What is said of a file that has too much of something. */
export function tooMany(what: 'rows' | 'columns'): DimeeError {
  const most = { rows: FILE_LIMITS.maxRows, columns: FILE_LIMITS.maxColumns }[what];
  const limit = `${most.toLocaleString('en')} ${what}`;
  return new DimeeError('LIMIT_EXCEEDED', `The file has more than ${limit}, the most that is taken. Split it.`);
}
