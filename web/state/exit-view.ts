import { allCloudCost, costCutPercent, type CostParts, costPartsAt, type CostWeights } from '../../core/cost';
import { type Stretch, stretchAt, TIERS, type TierName } from '../../core/layers';
import type { Outcome } from '../../core/outcome';
import type { Quality, RunSummary } from '../../core/summary';

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

export function viewOfDevSplit(
  summary: RunSummary,
  quality: Quality,
  stretches: readonly Stretch[],
  costs: CostWeights,
): ExitView {
  const counts = noCounts(summary.exitsByLayer.length);
  const total = { ...NO_COST };
  summary.exitsByLayer.forEach((exits, index) => {
    const tier = stretchAt(stretches, index + 1)?.tier;
    if (tier) counts[tier][index] = exits;
    addParts(total, costPartsAt(index + 1, stretches, costs), exits);
  });
  return { ...summary, counts, costParts: scaled(total, summary.rows), quality };
}

export function viewOfOutcomes(outcomes: readonly Outcome[], layerCount: number, costs: CostWeights): ExitView {
  const counts = noCounts(layerCount);
  const total = { ...NO_COST };
  let layers = 0;
  for (const { tier, exit, costParts } of outcomes) {
    counts[tier][exit.layer - 1] = (counts[tier][exit.layer - 1] ?? 0) + 1;
    addParts(total, costParts, 1);
    layers += exit.layer;
  }
  const rows = outcomes.length;
  const costParts = scaled(total, rows);
  const meanCost = costParts.mobile + costParts.edge + costParts.cloud + costParts.offloading;
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

function addParts(total: Record<keyof CostParts, number>, parts: CostParts, times: number): void {
  for (const part of Object.keys(NO_COST) as (keyof CostParts)[]) total[part] += parts[part] * times;
}

function scaled(parts: CostParts, rows: number): CostParts {
  const { mobile, edge, cloud, offloading } = parts;
  return { mobile: mobile / rows, edge: edge / rows, cloud: cloud / rows, offloading: offloading / rows };
}
