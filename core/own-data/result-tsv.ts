import { at } from '../numbers/at';
import { TIERS } from '../layers';
import type { ExitColumns } from './exit-record';
import type { OwnRows } from './own-rows';
import type { ReadingColumns } from './reading-record';

/** What results are written with, besides where rows left. */
export interface ResultContext {
  /** The class names. */
  readonly labels: readonly string[];
  /** The rows that left; without them, lines are counted from 1, and there are no texts. */
  readonly source?: OwnRows | undefined;
  /** The labels that people gave, where `source` has none. */
  readonly gold?: OwnRows['gold'];
  /** What was read of the rows that left. */
  readonly readings?: ReadingColumns | undefined;
  /** Rows without a known token, which have no answer. */
  readonly noSentences?: OwnRows | undefined;
}

/**
 * Results as lines of a TSV file, the first one its header: the row's line in its file, its texts, its label, where it left,
 * and how many of its tokens were read and known. Rows that are no sentences follow at the end.
 */
export function resultsTsv(
  { exitLayers, labels: answers, tiers, costs }: ExitColumns,
  { labels, source, gold = source?.gold, readings, noSentences }: ResultContext,
): string[] {
  const nameOf = (label: number) => at(labels, label);
  const asked = (from: OwnRows | undefined, row: number, label: number | undefined) => [
    ...(from ? [at(from.lines, row), ...at(from.texts, row)] : [row + 1]),
    ...(label === undefined ? [] : [nameOf(label)]),
  ];
  const header = ['row', ...textNames(source), ...(gold ? ['label'] : []), 'prediction', 'exit_layer', 'tier', 'cost'];
  const lines = [line([...header, ...(readings ? ['tokens', 'tokens_read', 'tokens_unknown'] : [])])];
  exitLayers.forEach((layer, row) => {
    const found = [nameOf(at(answers, row)), layer, at(TIERS, at(tiers, row)), rounded(at(costs, row))];
    const read = readings ? readingAt(readings, row) : [];
    lines.push(line([...asked(source, row, gold && at(gold, row)), ...found, ...read]));
  });
  noSentences?.texts.forEach((_, row) => {
    const label = gold && noSentences.gold && at(noSentences.gold, row);
    lines.push(line([...asked(noSentences, row, label), NO_KNOWN_TOKEN]));
  });
  return lines;
}

/** Stands for the answer where there is none. */
const NO_KNOWN_TOKEN = '(no known token)';

function readingAt({ tokens, read, unknown }: ReadingColumns, row: number): readonly (number | string)[] {
  return at(tokens, row) > 0 ? [at(tokens, row), at(read, row), at(unknown, row)] : ['', '', ''];
}

function textNames(source: OwnRows | undefined): readonly string[] {
  if (!source) return [];
  return source.texts[0]?.length === 2 ? ['sentence1', 'sentence2'] : ['sentence'];
}

/** Texts of own rows have no tabs or line breaks: they became spaces when the rows were read. */
function line(fields: readonly (string | number)[]): string {
  return `${fields.join('\t')}\n`;
}

/** Sums of weights such as 0.1 come with the noise of binary fractions. */
function rounded(cost: number): number {
  return Number(cost.toFixed(6));
}
