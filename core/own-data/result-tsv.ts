import Papa from 'papaparse';
import { at } from '../numbers/at';
import { TIERS } from '../layers';
import type { Texts } from '../model/tokens';
import type { ExitColumns } from './exit-record';

/** What columns of results may have that comes from the rows themselves. */
interface Source {
  readonly texts: readonly Texts[];
  readonly lines: ArrayLike<number>;
  readonly gold: ArrayLike<number> | undefined;
}

/** By these a table is known again as one that was saved here. */
const MARKS = ['row', 'prediction', 'exit_layer', 'tier', 'cost'];
/** What spreadsheets take for the beginning of a formula, and the apostrophes with which it is text. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/;

/**
 * Results as lines of a TSV file, the first one its header: the row's line in its file, its texts, its label, and where
 * it left. Without `source` the lines are counted from 1, and there are no texts. `gold` without labels is left out.
 */
export function resultsTsv(
  columns: ExitColumns,
  labels: readonly string[],
  source: Source | undefined,
  gold = source?.gold,
): string[] {
  const { exitLayers, tiers, costs } = columns;
  const nameOf = (label: number) => at(labels, label);
  const lines = [tsvLine(resultNames(source?.texts[0]?.length ?? 0, gold !== undefined))];
  exitLayers.forEach((layer, row) => {
    const asked = [
      ...(source ? [at(source.lines, row), ...at(source.texts, row)] : [row + 1]),
      ...(gold ? [nameOf(at(gold, row))] : []),
    ];
    const found = [nameOf(at(columns.labels, row)), layer, at(TIERS, at(tiers, row)), roundedCost(at(costs, row))];
    lines.push(tsvLine([...asked, ...found]));
  });
  return lines;
}

/** The names of the columns, for rows of so many texts each. */
export function resultNames(texts: number, hasLabels: boolean): string[] {
  const textNames = [[], ['sentence'], ['sentence1', 'sentence2']][texts] ?? [];
  return ['row', ...textNames, ...(hasLabels ? ['label'] : []), ...MARKS.slice(1)];
}

/** A line of a results table. Text that a spreadsheet would take for a formula has an apostrophe in front. */
export function tsvLine(fields: readonly (string | number)[]): string {
  const cells = fields.map((field) => (typeof field === 'string' && FORMULA.test(field) ? `'${field}` : field));
  // With commas and semicolons too: spreadsheets may take these for separators, whatever the file is called.
  const quotes = (cell: unknown) => typeof cell === 'string' && /[\t\r\n",;|]|^\s|\s$/.test(cell);
  return `${Papa.unparse([cells], { delimiter: '\t', quotes })}\n`;
}

/** Whether a first row is the header of results that were saved here. */
export function isResultsHeader(fields: readonly string[]): boolean {
  const names = new Set(fields.map((field) => field.trim()));
  return MARKS.every((name) => names.has(name));
}

/** The text of a cell of such results, as it was before it was saved. */
export function unprotected(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** Sums of weights such as 0.1 come with the noise of binary fractions. */
export function roundedCost(cost: number): number {
  return Number(cost.toFixed(6));
}
