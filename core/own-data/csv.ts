import Papa from 'papaparse';
import { FORMULA } from './result-tsv';

export type Cell = string | number | null | undefined;

/** A table as CSV. A text that a spreadsheet would take for a formula has an apostrophe in front; what is unknown is empty. */
export function csvOf(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const data = rows.map((row) => row.map((cell) => (typeof cell === 'number' && !Number.isFinite(cell) ? '' : cell)));
  return `${Papa.unparse({ fields: [...columns], data }, { newline: '\n', escapeFormulae: FORMULA })}\n`;
}
