import Papa from 'papaparse';
import { at } from '../numbers/at';
import { TIERS } from '../layers';
import type { Texts } from '../model/tokens';
import type { ExitColumns } from './exit-record';
import type { ReadingColumns } from './reading-record';

/** What columns of results may have that comes from the rows themselves. */
interface Source {
  readonly texts: readonly Texts[];
  readonly lines: ArrayLike<number>;
  readonly gold: ArrayLike<number> | undefined;
}

/** What results are written with, besides where rows left. */
export interface ResultContext {
  /** The class names. */
  readonly labels: readonly string[];
  /** The rows that left; without them, lines are counted from 1, and there are no texts. */
  readonly source?: Source | undefined;
  /** The labels that people gave, where `source` has none. */
  readonly gold?: Source['gold'];
  /** What was read of the rows that left. */
  readonly readings?: ReadingColumns | undefined;
  /** Rows without a known token, which have no answer. */
  readonly noSentences?: Source | undefined;
}

/** By these a table is known again as one that was saved here. */
const MARKS = ['row', 'prediction', 'exit_layer', 'tier', 'cost'];
/** What spreadsheets take for the beginning of a formula, and the apostrophes with which it is text. */
export const FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/;

/**
 * Results as lines of a TSV file, the first one its header: the row's line in its file, its texts, its label, where it left,
 * and how many of its tokens were read and known. Rows that are no sentences follow at the end.
 */
export function resultsTsv(
  { exitLayers, labels: answers, tiers, costs }: Pick<ExitColumns, 'exitLayers' | 'labels' | 'tiers' | 'costs'>,
  { labels, source, gold = source?.gold, readings, noSentences }: ResultContext,
): string[] {
  const nameOf = (label: number) => at(labels, label);
  const asked = (from: ResultContext['source'], row: number, label: number | undefined) => [
    ...(from ? [at(from.lines, row), ...at(from.texts, row)] : [row + 1]),
    ...(label === undefined ? [] : [nameOf(label)]),
  ];
  const names = resultNames(source?.texts[0]?.length ?? 0, gold !== undefined);
  const lines = [tsvLine([...names, ...(readings ? READING_NAMES : [])])];
  exitLayers.forEach((layer, row) => {
    const found = [nameOf(at(answers, row)), layer, at(TIERS, at(tiers, row)), roundedCost(at(costs, row))];
    const read = readings ? readingAt(readings, row) : [];
    lines.push(tsvLine([...asked(source, row, gold && at(gold, row)), ...found, ...read]));
  });
  noSentences?.texts.forEach((_, row) => {
    const label = gold && noSentences.gold && at(noSentences.gold, row);
    lines.push(tsvLine([...asked(noSentences, row, label), NO_KNOWN_TOKEN]));
  });
  return lines;
}

/** What follows the columns of `resultNames` where it is known how much of a row was read. */
export const READING_NAMES: readonly string[] = ['tokens', 'tokens_read', 'tokens_unknown'];
/** Stands for the answer where there is none. */
const NO_KNOWN_TOKEN = '(no known token)';

function readingAt({ tokens, read, unknown }: ReadingColumns, row: number): readonly (number | string)[] {
  return at(tokens, row) > 0 ? [at(tokens, row), at(read, row), at(unknown, row)] : ['', '', ''];
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
