import { at } from '../numbers/at';
import { TIERS } from '../layers';
import type { ExitColumns } from './exit-record';
import type { OwnRows } from './own-rows';

/** Names columns of results may have that come from the rows themselves. */
type Source = Pick<OwnRows, 'texts' | 'lines' | 'gold'>;

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
  const header = ['row', ...textNames(source), ...(gold ? ['label'] : []), 'prediction', 'exit_layer', 'tier', 'cost'];
  const lines = [line(header)];
  exitLayers.forEach((layer, row) => {
    const asked = [
      ...(source ? [at(source.lines, row), ...at(source.texts, row)] : [row + 1]),
      ...(gold ? [nameOf(at(gold, row))] : []),
    ];
    const found = [nameOf(at(columns.labels, row)), layer, at(TIERS, at(tiers, row)), rounded(at(costs, row))];
    lines.push(line([...asked, ...found]));
  });
  return lines;
}

function textNames(source: Source | undefined): readonly string[] {
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
