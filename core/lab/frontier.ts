import type { Plan } from '../layers';
import { at } from '../numbers/at';
import { type Policy, policyById, type PolicyChoice, type PolicyParameters, resolvePolicy } from '../policies';
import { scoreKey } from '../trace/replay';
import { paretoPath, wholePath } from '../tuning/frontier-path';
import { type Decision, decisionIn, frameIn } from '../policies/decision';
import { isTunable, outcomeOf } from './policy-trial';
import type { LabSetting } from './setting';
import { estimateOf, intervalsOf, replicatesOf, type Result } from './trial-result';

/** What one setting of a policy's parameters does to the rows that are reported on. */
export interface CurvePoint extends Omit<Result, 'layersSaved' | 'shares' | 'gainPoints' | 'gainInterval'> {
  readonly parameters: PolicyParameters;
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

/** Where samples may leave, where that is not by the plan of the setting. */
interface OwnPlan {
  readonly plan?: Plan | undefined;
}

export interface CurveJob extends OwnPlan {
  readonly policy: string;
}

export interface PointJob extends OwnPlan {
  readonly choice: PolicyChoice;
}

/** Of the bootstrap, which draws the same rows anew for all points. */
const REPLICATES = 300;

/**
 * The curve of a policy: parameters that nothing beats in cost and expected loss on the calibration split, measured on the rows
 * that are reported on. There a point may lie below others of its curve, which is as it should be: nothing was chosen by
 * those rows. Without a calibration split parameters are chosen on the very rows, and `origin` says so.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not, or that needs what trace or model do not have.
 */
export function curveOf(given: LabSetting, { policy: id, plan = given.plan }: CurveJob): Curve {
  const setting = { ...given, plan };
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
export function pointOf(given: LabSetting, { choice, plan = given.plan }: PointJob): CurvePoint {
  const setting = { ...given, plan };
  const { policy, parameters } = resolvePolicy(choice, setting.layers);
  return at(measure(setting, [decisionIn(setting, policy, parameters)]), 0);
}

function pathOf(setting: LabSetting, policy: Policy): { origin: CurveOrigin; path: readonly PolicyParameters[] } {
  if (policy.role === 'baseline' || !isTunable(policy))
    return { origin: 'slider', path: wholePath(policy, setting.layers) };
  const { evaluation, calibration, costs } = setting;
  const path = paretoPath({ trace: calibration ?? evaluation, frame: frameIn(setting, policy), costs });
  return { origin: calibration ? 'calibration' : 'evaluation', path };
}

/** In the order of the decisions. */
function measure(setting: LabSetting, decisions: readonly Decision[]): CurvePoint[] {
  const outcomes = inOrderOfScores(decisions, (decision) => outcomeOf(setting.evaluation, decision, setting));
  return replicatesOf(outcomes, REPLICATES, ['lossPoints', 'costCutPercent']).map((replicates, index) => {
    const outcome = at(outcomes, index);
    const { parameters } = at(decisions, index);
    const { accuracy, lossPoints, costCutPercent } = estimateOf(outcome);
    const { meanLayers } = outcome.summary;
    return { parameters, accuracy, lossPoints, costCutPercent, meanLayers, ...intervalsOf(replicates) };
  });
}

/** Decisions that score alike one after the other, since only the latest scores of a policy are kept. */
function inOrderOfScores<Result>(decisions: readonly Decision[], use: (decision: Decision) => Result): Result[] {
  const keyed = decisions.map((decision, place) => ({ decision, place, key: scoreKey(decision) }));
  const sorted = keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const results = new Array<Result>(decisions.length);
  for (const { decision, place } of sorted) results[place] = use(decision);
  return results;
}
