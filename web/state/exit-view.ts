import { allCloudCost, costCutPercent, type CostParts, type CostWeights, sumOfParts } from '../../core/cost';
import { TIERS, type TierName } from '../../core/layers';
import type { Outcome } from '../../core/ladder/outcome';
import type { Quality } from '../../core/summary';
import type { Evaluation } from '../../core/trace/evaluate';

/** What the hero and the charts draw, whether it comes from the dev split or from the person's sentences. */
export interface ExitView {
  readonly rows: number;
  /** Samples that left, by the tier that answered and the layer (index 0 is layer 1). */
  readonly counts: Readonly<Record<TierName, readonly number[]>>;
  readonly meanLayers: number;
  readonly meanCost: number;
  /** What the mean cost is made of. */
  readonly costParts: CostParts;
  readonly allCloudCost: number;
  readonly costCutPercent: number;
  /** Where gold labels and the last exit are known. */
  readonly quality: Quality | undefined;
}

export function viewOfDevSplit({ summary, quality, costParts, exitLayers, tiers }: Evaluation): ExitView {
  const counts = noCounts(summary.exitsByLayer.length);
  exitLayers.forEach((layer, row) => addExits(counts, TIERS[tiers[row] ?? 0] ?? 'mobile', layer, 1));
  return { ...summary, counts, costParts, quality };
}

/** Outcomes that are alike in tier, layer and cost. */
export interface OutcomeGroup {
  readonly outcome: Outcome;
  readonly count: number;
}

export function viewOfOutcomes(groups: readonly OutcomeGroup[], layerCount: number, costs: CostWeights): ExitView {
  const counts = noCounts(layerCount);
  const total = { ...NO_COST };
  let [rows, layers] = [0, 0];
  for (const { outcome, count } of groups) {
    const { tier, exit, costParts } = outcome;
    addExits(counts, tier, exit.layer, count);
    addParts(total, costParts, count);
    rows += count;
    layers += exit.layer * count;
  }
  const costParts = scaled(total, rows);
  const meanCost = sumOfParts(costParts);
  return {
    rows,
    counts,
    meanLayers: layers / rows,
    meanCost,
    costParts,
    allCloudCost: allCloudCost(layerCount, costs),
    costCutPercent: costCutPercent(meanCost, layerCount, costs),
    quality: undefined,
  };
}

/** Samples that left at a layer, whatever the tier. */
export function exitsAt(view: ExitView, layer: number): number {
  return TIERS.reduce((sum, tier) => sum + (view.counts[tier][layer - 1] ?? 0), 0);
}

export function exitsOnTier(view: ExitView, tier: TierName): number {
  return view.counts[tier].reduce((sum, exits) => sum + exits, 0);
}

const NO_COST: CostParts = { mobile: 0, edge: 0, cloud: 0, offloading: 0 };

function noCounts(layerCount: number): Record<TierName, number[]> {
  const zeros = () => new Array<number>(layerCount).fill(0);
  return { mobile: zeros(), edge: zeros(), cloud: zeros() };
}

function addExits(counts: Record<TierName, number[]>, tier: TierName, layer: number, times: number): void {
  counts[tier][layer - 1] = (counts[tier][layer - 1] ?? 0) + times;
}

function addParts(total: Record<keyof CostParts, number>, parts: CostParts, times: number): void {
  for (const part of Object.keys(NO_COST) as (keyof CostParts)[]) total[part] += parts[part] * times;
}

function scaled(parts: CostParts, rows: number): CostParts {
  const { mobile, edge, cloud, offloading } = parts;
  return { mobile: mobile / rows, edge: edge / rows, cloud: cloud / rows, offloading: offloading / rows };
}
