import { at } from '../numbers/at';
import { bootstrapMeans, type Interval, percentileInterval } from '../numbers/bootstrap';
import { costCutPercent } from '../cost';
import type { Decision } from '../policies/decision';
import { type Policy, policyById, type PolicyChoice, type PolicyParameters, resolvePolicy } from '../policies';
import { drawLot } from '../numbers/lots';
import { evaluate } from '../trace/evaluate';
import { scoreKey } from '../trace/replay';
import { paretoPath, wholePath } from '../tuning/frontier-path';
import { decisionIn } from '../policies/decision';
import type { LabSetting } from './setting';

/** What one setting of a policy's parameters does to the rows that are reported on. Intervals are 95 %. */
export interface CurvePoint {
  readonly parameters: PolicyParameters;
  /** 0 to 1. */
  readonly accuracy: number;
  /** Accuracy at the last exit less this one, in points, on the same rows: narrower than accuracy's own interval. */
  readonly lossPoints: number;
  readonly lossInterval: Interval;
  /** Against all cloud. */
  readonly costCutPercent: number;
  readonly costCutInterval: Interval;
  readonly meanLayers: number;
}

/** Where the parameters of a curve come from; `slider`: nothing was chosen, every value is a point. */
export type CurveOrigin = 'calibration' | 'evaluation' | 'slider';

/** A policy's accuracy against its cost. */
export interface Curve {
  readonly policy: string;
  readonly origin: CurveOrigin;
  /** By rising cost cut. */
  readonly points: readonly CurvePoint[];
  /** 0 to 1, on the rows that are reported on. */
  readonly accuracyAtLastExit: number;
}

export interface CurveJob {
  readonly policy: string;
}

export interface PointJob {
  readonly choice: PolicyChoice;
}

const REPLICATES = 300;
/** Of the bootstrap; any number would do. All points are measured on the same rows drawn anew. */
const SEED = 1;

/**
 * The curve of a policy: parameters that nothing beats in cost and accuracy on the calibration split, measured on the rows
 * that are reported on. There a point may lie below others of its curve, which is as it should be: nothing was chosen by
 * those rows. Without a calibration split parameters are chosen on the very rows, and `origin` says so.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not, or that needs what trace or model do not have.
 */
export function curveOf(setting: LabSetting, { policy: id }: CurveJob): Curve {
  const policy = policyById(id);
  const { origin, path } = pathOf(setting, policy);
  const decisions = path.map((parameters) => decisionIn(setting, policy, parameters));
  const points = measure(setting, decisions).sort((one, other) => one.costCutPercent - other.costCutPercent);
  const [first] = points;
  return {
    policy: id,
    origin,
    points,
    accuracyAtLastExit: first ? first.accuracy + first.lossPoints / 100 : Number.NaN,
  };
}

/**
 * What a policy does with given parameters.
 * @throws DimeeError `BAD_INPUT` for a policy or parameters that there are not, or needs that are not met.
 */
export function pointOf(setting: LabSetting, { choice }: PointJob): CurvePoint {
  const { policy, parameters } = resolvePolicy(choice, setting.layers);
  const [point] = measure(setting, [decisionIn(setting, policy, parameters)]);
  if (!point) throw new Error('One decision makes one point.');
  return point;
}

function pathOf(setting: LabSetting, policy: Policy): { origin: CurveOrigin; path: readonly PolicyParameters[] } {
  if (policy.role === 'baseline') return { origin: 'slider', path: wholePath(policy, setting.layers) };
  const { evaluation, calibration, costs } = setting;
  const decisionFor = (parameters: PolicyParameters) => decisionIn(setting, policy, parameters);
  const path = paretoPath({ trace: calibration ?? evaluation, policy, decisionFor, costs });
  return { origin: calibration ? 'calibration' : 'evaluation', path };
}

/** In the order of the decisions. */
function measure({ evaluation, layers, costs }: LabSetting, decisions: readonly Decision[]): CurvePoint[] {
  const rows = inOrderOfScores(decisions, (decision) => {
    const { labels, costs: rowCosts, summary, quality } = evaluate(evaluation, decision, costs);
    const losses = lossesOf(evaluation, labels);
    return { decision, summary, quality, losses, cuts: rowCosts.map((cost) => costCutPercent(cost, layers, costs)) };
  });
  let draws = 0;
  const columns = rows.flatMap(({ losses, cuts }) => [losses, cuts]);
  const means = bootstrapMeans(columns, REPLICATES, () => drawLot(SEED, draws++));
  const intervalOf = (column: number) => percentileInterval(at(means, column));
  return rows.map(({ decision, summary, quality }, index) => ({
    parameters: decision.parameters,
    accuracy: quality.accuracy,
    lossPoints: 100 * (quality.accuracyAtLastExit - quality.accuracy),
    lossInterval: intervalOf(2 * index),
    costCutPercent: summary.costCutPercent,
    costCutInterval: intervalOf(2 * index + 1),
    meanLayers: summary.meanLayers,
  }));
}

/** Decisions that score alike one after the other, since only the latest scores of a policy are kept. */
function inOrderOfScores<Result>(decisions: readonly Decision[], use: (decision: Decision) => Result): Result[] {
  const keyed = decisions.map((decision, place) => ({ decision, place, key: scoreKey(decision) }));
  const sorted = keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const results = new Array<Result>(decisions.length);
  for (const { decision, place } of sorted) results[place] = use(decision);
  return results;
}

/** By row, in points: 100 where the last exit alone is right, −100 where it alone is wrong. Their mean is the loss. */
function lossesOf({ trace, labels: byExit }: LabSetting['evaluation'], labels: Uint8Array): Float64Array {
  const { layers, gold } = trace;
  const isRight = (label: number | undefined, row: number) => Number(label === gold[row]);
  return Float64Array.from(labels, (label, row) => {
    return 100 * (isRight(byExit[(row + 1) * layers - 1], row) - isRight(label, row));
  });
}
