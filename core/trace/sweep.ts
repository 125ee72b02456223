import { at } from '../numbers/at';
import { type Decision, exitThresholds } from '../policies/decision';
import { type Quality, qualityOfAnswers } from '../summary';
import type { CalibratedTrace } from './calibrated-trace';
import { meanLossAt } from './expected-losses';
import { answersAt, replay, type ScoredTrace, scoreKey, scoreTrace } from './replay';

/** What one decision of many does to a trace. */
export interface SweepPoint {
  /** Rows that left at layer 1, 2, … */
  readonly exitsByLayer: readonly number[];
  readonly quality: Quality;
  /** Mean over rows, a share; NaN where the trace was scored without `expectedLosses`. */
  readonly expectedLoss: number;
}

/**
 * Replays a trace under many decisions, in their order. Neighbours with the same scores and with thresholds that only rise
 * or only fall, as when one slider is swept, are replayed together: 9,815 rows under 200 thresholds in some milliseconds.
 * Who sweeps again and again passes in where it keeps the trace's scores.
 * @throws DimeeError `BAD_INPUT` where a policy needs what the trace or the model does not have.
 */
export function sweep(
  calibrated: CalibratedTrace,
  decisions: readonly Decision[],
  scoresFor = (decision: Decision) => scoreTrace(calibrated, decision),
): SweepPoint[] {
  return groupsOf(decisions).flatMap((group) => {
    const scored = scoresFor(group[0]);
    const swept = scored.tiers ? undefined : sweepMonotone(scored, thresholdsByLayer(group));
    return swept ?? group.map((decision) => replayed(scored, decision));
  });
}

type Group = readonly [Decision, ...Decision[]];

/** Neighbours that share their scores and the last layer of their routes. */
function groupsOf(decisions: readonly Decision[]): Group[] {
  const groups: [Decision, ...Decision[]][] = [];
  for (const decision of decisions) {
    const group = groups.at(-1);
    if (group && isAlike(group[0], decision)) group.push(decision);
    else groups.push([decision]);
  }
  return groups;
}

function isAlike(one: Decision, other: Decision): boolean {
  const isScoredAlike = scoreKey(one) === scoreKey(other) && one.fitted === other.fitted;
  return isScoredAlike && one.stretches.at(-1)?.lastLayer === other.stretches.at(-1)?.lastLayer;
}

function isRising(values: Float64Array): boolean {
  for (let step = 1; step < values.length; step++) if (!(at(values, step - 1) <= at(values, step))) return false;
  return true;
}

/** The thresholds of each layer over all decisions, `[layers][decisions]`. */
function thresholdsByLayer(decisions: readonly Decision[]): Float64Array[] {
  const byDecision = decisions.map(exitThresholds);
  return Array.from(at(byDecision, 0), (_, index) =>
    Float64Array.from(byDecision, (thresholds) => at(thresholds, index)),
  );
}

function replayed(scored: ScoredTrace, decision: Decision): SweepPoint {
  const exitLayers = replay(scored, decision);
  const exitsByLayer = new Array<number>(scored.layers).fill(0);
  for (const layer of exitLayers) exitsByLayer[layer - 1] = at(exitsByLayer, layer - 1) + 1;
  return {
    exitsByLayer,
    quality: qualityOfAnswers(answersAt(exitLayers, scored), scored.lastLabels, scored.gold),
    expectedLoss: meanLossAt(exitLayers, scored),
  };
}

/** All steps together where each layer's thresholds, `[layers][steps]`, only rise or all only fall; else undefined. */
export function sweepMonotone(scored: ScoredTrace, thresholds: readonly Float64Array[]): SweepPoint[] | undefined {
  if (thresholds.every(isRising)) return sweepRising(scored, thresholds);
  const reversed = thresholds.map((steps) => steps.toReversed());
  return reversed.every(isRising) ? sweepRising(scored, reversed).reverse() : undefined;
}

/**
 * A row leaves at a layer under the first thresholds that its score there reaches, less those that an earlier layer has
 * taken already: one search a layer finds where it leaves under all of them.
 * `thresholds` are `[layers][steps]`, ascending over the steps; under the last layer's all rows leave.
 * What runs for every exit reads `?? 0` and not `at` (see there).
 */
export function sweepRising(scored: ScoredTrace, thresholds: readonly Float64Array[]): SweepPoint[] {
  const { rows, layers, scores, labels, lastLabels, gold, expectedLosses } = scored;
  const steps = at(thresholds, 0).length;
  const lastLayer = thresholds.length;
  /** What begins (+1) and ends (−1) at each step; summed up over the steps at the end. */
  const exits = Array.from({ length: layers }, () => new Int32Array(steps + 1));
  const [right, agreeing] = [new Int32Array(steps + 1), new Int32Array(steps + 1)];
  const losses = new Float64Array(steps + 1);
  let rightAtLast = 0;
  for (let row = 0; row < rows; row++) {
    const lastLabel = lastLabels[row];
    if (lastLabel === gold[row]) rightAtLast++;
    let taken = 0;
    for (let layer = 1; layer <= lastLayer && taken < steps; layer++) {
      const index = row * layers + layer - 1;
      const reached = layer === lastLayer ? steps : countReached(thresholds[layer - 1], scores[index] ?? 0);
      if (reached <= taken) continue;
      addRange(exits[layer - 1], taken, reached);
      if (labels[index] === gold[row]) addRange(right, taken, reached);
      if (labels[index] === lastLabel) addRange(agreeing, taken, reached);
      if (expectedLosses) addRange(losses, taken, reached, expectedLosses[index]);
      taken = reached;
    }
  }
  for (const counts of [...exits, right, agreeing, losses]) sumUp(counts);
  return Array.from({ length: steps }, (_, step): SweepPoint => ({
    exitsByLayer: exits.map((counts) => at(counts, step)),
    quality: {
      accuracy: at(right, step) / rows,
      accuracyAtLastExit: rightAtLast / rows,
      agreementWithLastExit: at(agreeing, step) / rows,
    },
    expectedLoss: expectedLosses ? at(losses, step) / rows : Number.NaN,
  }));
}

/** How many of the ascending thresholds a score reaches. */
function countReached(thresholds: Float64Array | undefined, score: number): number {
  let [low, high] = [0, thresholds?.length ?? 0];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (score >= (thresholds?.[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Sums = Int32Array | Float64Array;

function addRange(sums: Sums | undefined, from: number, to: number, value = 1): void {
  if (!sums) return;
  sums[from] = (sums[from] ?? 0) + value;
  sums[to] = (sums[to] ?? 0) - value;
}

function sumUp(sums: Sums): void {
  for (let step = 1; step < sums.length; step++) sums[step] = (sums[step] ?? 0) + (sums[step - 1] ?? 0);
}
