import { allCloudCost, costCutPercent, type CostParts, type CostWeights, sumOfParts } from '../../core/cost';
import type { Outcome } from '../../core/ladder/outcome';
import type { RecordedExits } from '../../core/own-data/exit-record';
import { TIERS, type TierName } from '../../core/layers';
import { type Quality, type RunSummary } from '../../core/summary';
import type { Evaluation } from '../../core/trace/evaluate';

/** What the hero and the charts draw, whichever source its rows come from. */
export interface ExitView {
  /** Rows that are settled. */
  readonly rows: number;
  /** Rows of the source; more than are settled while it is run. */
  readonly of: number;
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
  /** The share of rows that are right, 0 to 1, where people labelled them. */
  readonly accuracy: number | undefined;
}

/** Of a trace under a decision. Where nobody labelled its rows, its quality would only say how often all layers agree. */
export function viewOfEvaluation(evaluation: Evaluation, isLabelled = true): ExitView {
  const { summary, costParts } = evaluation;
  const quality = isLabelled ? evaluation.quality : undefined;
  return {
    ...{ ...summary, of: summary.rows, costParts, quality, accuracy: quality?.accuracy },
    counts: countsOf(evaluation, summary.exitsByLayer.length),
  };
}

/** Of rows that were run to where they were settled and no further. */
export function viewOfExits(exits: RecordedExits, summary: RunSummary, accuracy: number | undefined): ExitView {
  const counts = countsOf(exits, summary.exitsByLayer.length);
  return { ...summary, of: summary.rows, counts, costParts: exits.costParts, quality: undefined, accuracy };
}

function countsOf({ exitLayers, tiers }: Pick<Evaluation, 'exitLayers' | 'tiers'>, layerCount: number) {
  const counts = noCounts(layerCount);
  exitLayers.forEach((layer, row) => addExits(counts, TIERS[tiers[row] ?? 0] ?? 'mobile', layer, 1));
  return counts;
}

/** Outcomes that are alike in tier, layer and cost. */
export interface OutcomeGroup {
  readonly outcome: Outcome;
  readonly count: number;
}

/** Of sentences, `of` so many lines. */
export function viewOfOutcomes(
  groups: readonly OutcomeGroup[],
  layerCount: number,
  costs: CostWeights,
  of: number,
): ExitView {
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
    of,
    counts,
    meanLayers: layers / rows,
    meanCost,
    costParts,
    allCloudCost: allCloudCost(layerCount, costs),
    costCutPercent: costCutPercent(meanCost, layerCount, costs),
    quality: undefined,
    accuracy: undefined,
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
