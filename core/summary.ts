import type { Interval } from './numbers/bootstrap';
import { pairedDifference } from './numbers/paired';
import { at } from './numbers/at';
import { allCloudCost, costByExitLayer, costCutPercent, type CostWeights } from './cost';
import { type Stretch, tierAt, type TierName, TIERS, toLayer } from './layers';

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

/** Sums up how many samples left at each layer, all on the same way. All means are NaN without samples. */
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
    if (exits > 0) exitsByTier[tierAt(stretches, toLayer(index + 1))] += exits;
    layers += exits * (index + 1);
    cost += exits * at(layerCosts, index);
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

/** Where each row left and what it cost: `exitLayers`, `tiers` (indices into `TIERS`) and `costs` are `[rows]`. */
export interface RowResults {
  readonly exitLayers: ArrayLike<number>;
  readonly tiers: ArrayLike<number>;
  readonly costs: ArrayLike<number>;
}

/** Sums up rows that need not all have taken the same way. All means are NaN without rows. */
export function summariseRows(results: RowResults, layerCount: number, weights: CostWeights): RunSummary {
  const { exitLayers, tiers, costs } = results;
  const rows = exitLayers.length;
  const exitsByLayer = new Array<number>(layerCount).fill(0);
  const exitsByTier = { mobile: 0, edge: 0, cloud: 0 };
  let [layers, cost] = [0, 0];
  for (let row = 0; row < rows; row++) {
    // Not by `at`: a moved slider would take a tenth longer.
    const [layer, tier, rowCost] = [exitLayers[row], TIERS[tiers[row] ?? -1], costs[row]];
    const before = exitsByLayer[(layer ?? 0) - 1];
    if (layer === undefined || tier === undefined || rowCost === undefined || before === undefined) {
      throw new RangeError(`Row ${row} left at no layer or tier there is, or has no cost.`);
    }
    exitsByLayer[layer - 1] = before + 1;
    exitsByTier[tier]++;
    layers += layer;
    cost += rowCost;
  }
  return {
    ...{ rows, exitsByLayer, exitsByTier, meanLayers: layers / rows, meanCost: cost / rows },
    allCloudCost: allCloudCost(layerCount, weights),
    costCutPercent: costCutPercent(cost / rows, layerCount, weights),
  };
}

/** Shares of rows, 0 to 1, judged at the layer each row left and at the last exit. */
export interface Quality {
  readonly accuracy: number;
  readonly accuracyAtLastExit: number;
  readonly agreementWithLastExit: number;
}

/** Judges the label answered for each row beside what the last exit alone says of it; all are `[rows]`. */
export function qualityOfAnswers(
  answers: ArrayLike<number>,
  lastLabels: ArrayLike<number>,
  gold: ArrayLike<number>,
): Quality {
  const rows = answers.length;
  let [right, rightAtLast, agreeing] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    if (answers[row] === gold[row]) right++;
    if (lastLabels[row] === gold[row]) rightAtLast++;
    if (answers[row] === lastLabels[row]) agreeing++;
  }
  return { accuracy: right / rows, accuracyAtLastExit: rightAtLast / rows, agreementWithLastExit: agreeing / rows };
}

/** The 95 % interval of the loss, in points; of few rows it is wide. */
export function lossInterval(answers: Uint8Array, lastLabels: Uint8Array, gold: Uint8Array): Interval {
  const losses = lossesOfAnswers(answers, lastLabels, gold);
  const rowsOf = (loss: number) => losses.reduce((count, value) => count + Number(value === loss), 0);
  const [low, high] = pairedDifference(rowsOf(100), rowsOf(-100), losses.length);
  return [100 * low, 100 * high];
}

/** By row, in points: 100 where the last exit alone is right, −100 where it alone is wrong. Their mean is the loss. */
export function lossesOfAnswers(answers: Uint8Array, lastLabels: Uint8Array, gold: Uint8Array): Float64Array {
  const isRight = (label: number | undefined, row: number) => Number(label === gold[row]);
  return Float64Array.from(answers, (label, row) => 100 * (isRight(lastLabels[row], row) - isRight(label, row)));
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
