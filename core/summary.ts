import { allCloudCost, costByExitLayer, costCutPercent, type CostWeights } from './cost';
import { type Stretch, stretchAt, type TierName } from './layers';

/** Where samples left and what that cost: the numbers of the page's charts and of the command line. */
export interface RunSummary {
  readonly rows: number;
  /** Samples that left at layer 1, 2, … */
  readonly exitsByLayer: readonly number[];
  readonly exitsByTier: Readonly<Record<TierName, number>>;
  readonly meanLayers: number;
  /** In units of one cloud layer. */
  readonly meanCost: number;
  readonly allCloudCost: number;
  /** Saving against all-cloud; negative where it costs more. */
  readonly costCutPercent: number;
}

/** Sums up exit layers. All means are NaN without samples. */
export function summarise(
  exitLayers: ArrayLike<number>,
  layerCount: number,
  stretches: readonly Stretch[],
  costs: CostWeights,
): RunSummary {
  const exitsByLayer = new Array<number>(layerCount).fill(0);
  for (const layer of Array.from(exitLayers)) exitsByLayer[layer - 1] = (exitsByLayer[layer - 1] ?? 0) + 1;
  return summariseCounts(exitsByLayer, stretches, costs);
}

/** Sums up how many samples left at each layer. */
export function summariseCounts(
  exitsByLayer: readonly number[],
  stretches: readonly Stretch[],
  costs: CostWeights,
): RunSummary {
  const layerCount = exitsByLayer.length;
  const rows = exitsByLayer.reduce((sum, exits) => sum + exits, 0);
  const layerCosts = costByExitLayer(layerCount, stretches, costs);
  const exitsByTier = { mobile: 0, edge: 0, cloud: 0 };
  let [layers, cost] = [0, 0];
  exitsByLayer.forEach((exits, index) => {
    const tier = stretchAt(stretches, index + 1)?.tier;
    if (tier) exitsByTier[tier] += exits;
    layers += exits * (index + 1);
    cost += exits * (layerCosts[index] ?? 0);
  });
  return {
    rows,
    exitsByLayer,
    exitsByTier,
    meanLayers: layers / rows,
    meanCost: cost / rows,
    allCloudCost: allCloudCost(layerCount, costs),
    costCutPercent: costCutPercent(cost / rows, layerCount, costs),
  };
}

/** Shares of rows, 0 to 1, judged at the layer each row left and at the last exit. */
export interface Quality {
  readonly accuracy: number;
  readonly accuracyAtLastExit: number;
  readonly agreementWithLastExit: number;
}

/** `labels` is `[rows, layers]`; `exitLayers` and `gold` are `[rows]`. */
export function qualityOf(
  exitLayers: ArrayLike<number>,
  labels: ArrayLike<number>,
  gold: ArrayLike<number>,
  layerCount: number,
): Quality {
  const rows = exitLayers.length;
  let [right, rightAtLast, agreeing] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const label = labels[row * layerCount + (exitLayers[row] ?? 0) - 1];
    const lastLabel = labels[(row + 1) * layerCount - 1];
    if (label === gold[row]) right++;
    if (lastLabel === gold[row]) rightAtLast++;
    if (label === lastLabel) agreeing++;
  }
  return { accuracy: right / rows, accuracyAtLastExit: rightAtLast / rows, agreementWithLastExit: agreeing / rows };
}

/** How many rows were rightly and wrongly put into class 1, and rightly and wrongly left out of it. */
function confusion(labels: ArrayLike<number>, gold: ArrayLike<number>) {
  const count = (label: number, truth: number) =>
    Array.from(gold).filter((value, row) => value === truth && labels[row] === label).length;
  return { tp: count(1, 1), fp: count(1, 0), fn: count(0, 1), tn: count(0, 0) };
}

/** F1 of class 1, 0 to 1: GLUE's measure of MRPC and QQP. 0 where no positive was found. */
export function f1Score(labels: ArrayLike<number>, gold: ArrayLike<number>): number {
  const { tp, fp, fn } = confusion(labels, gold);
  return tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn);
}

/** Matthews' correlation of two classes, −1 to 1: GLUE's measure of CoLA. 0 where one class alone occurs. */
export function matthewsCorrelation(labels: ArrayLike<number>, gold: ArrayLike<number>): number {
  const { tp, fp, fn, tn } = confusion(labels, gold);
  const spread = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  return spread === 0 ? 0 : (tp * tn - fp * fn) / spread;
}
