import { costCutPercent } from '../cost';
import { defaultParameters, type Policy, type PolicyParameters } from '../policies';
import { type Decision, decisionIn, frameIn } from '../policies/decision';
import { availableRecorded, firstMissing } from '../policies/needs';
import { lossesOfAnswers, type Quality, type RunSummary } from '../summary';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import { lastLabelsOf } from '../trace/replay';
import { type Aim, optimise } from '../tuning/optimise';
import { isSearched } from '../tuning/parameter-grid';
import { gainsOverRandomTiers } from './random-tiers';
import type { LabSetting } from './setting';
import { gainsOverStaticCut } from './static-cut';

/** What a trial takes place in: there may be nothing to report on. */
export interface TrialSetting extends Omit<LabSetting, 'evaluation'> {
  readonly evaluation: CalibratedTrace | undefined;
}

/** What became of one policy. */
export interface Trial {
  readonly policy: Pick<Policy, 'id'>;
  /** Chosen on the calibration split, where there is anything to choose. */
  readonly parameters: PolicyParameters;
  /** Whether they keep to the aim there; null for baselines that choose nothing, and without that split. */
  readonly isAimReached: boolean | null;
  /** Points that they are expected to lose to the last exit there, which is what is chosen by; null likewise. */
  readonly expectedLossPoints: number | null;
  /** What the policy needs and there is not, in words; null where it has been measured. */
  readonly missing: string | null;
  readonly outcome: TrialOutcome | null;
}

/** What parameters did to the rows of a trace. */
export interface TrialOutcome {
  readonly summary: RunSummary;
  readonly quality: Quality;
  /** By row, as `lossesOfAnswers` says. */
  readonly lossPoints: Float64Array;
  /** By row, against all cloud. */
  readonly costCutPercent: Float64Array;
  /** By row, as `gainsOverStaticCut` says. */
  readonly gainPoints: Float64Array;
  /** By row, as `gainsOverRandomTiers` says, of a policy that chooses a tier for each sample beforehand. */
  readonly overRandomPoints?: Float64Array;
}

/** Chooses a policy's parameters on the calibration split, then looks at what is reported on once. */
export function tryPolicy(policy: Policy, setting: TrialSetting, aim: Aim): Trial {
  const { evaluation, calibration, costs } = setting;
  const missing = whatLacks(policy, setting);
  const trial = { ...untried(policy, setting), missing: missing ?? null };
  if (!evaluation || missing !== undefined) return { ...trial, outcome: null };
  const isJudged = calibration && (isTunable(policy) || isAskable(policy, calibration, setting));
  const chosen = isJudged ? optimise(calibration, frameIn(setting, policy), aim, costs) : undefined;
  const parameters = chosen?.parameters ?? trial.parameters;
  const outcome = outcomeOf(evaluation, decisionIn(setting, policy, parameters), setting);
  const { isReached = null, expectedLossPoints = null } = chosen ?? {};
  return { ...trial, parameters, isAimReached: isReached, expectedLossPoints, outcome };
}

/** A policy with its default parameters, before anything was chosen or measured. */
export function untried(policy: Pick<Policy, 'id' | 'parameters'>, { layers }: Pick<TrialSetting, 'layers'>) {
  return { policy, parameters: defaultParameters(policy, layers), isAimReached: null, expectedLossPoints: null };
}

/** Whether a method that has nothing to choose can be told from calibration rows to keep to an aim, or not to. */
function isAskable({ role, needs }: Policy, { trace }: CalibratedTrace, { fitted }: TrialSetting): boolean {
  return role === 'method' && firstMissing(needs, availableRecorded(fitted, trace)) === undefined;
}

/** Whether the policy has anything to choose. */
export function isTunable({ parameters }: Pick<Policy, 'parameters'>): boolean {
  return parameters.some(isSearched);
}

/** What a decision does to a trace. */
export function outcomeOf(
  calibrated: CalibratedTrace,
  decision: Decision,
  { layers, costs: weights }: Pick<LabSetting, 'layers' | 'costs'>,
): TrialOutcome {
  const { labels, costs, exitLayers, summary, quality } = evaluate(calibrated, decision, weights);
  const lossPoints = lossesOfAnswers(labels, lastLabelsOf(calibrated), calibrated.trace.gold);
  return {
    ...{ summary, quality, lossPoints },
    costCutPercent: costs.map((cost) => costCutPercent(cost, layers, weights)),
    gainPoints: gainsOverStaticCut(calibrated, lossPoints, summary.meanCost, weights),
    ...(decision.policy.tierFor && { overRandomPoints: gainsOverRandomTiers(calibrated, exitLayers) }),
  };
}

export const NO_DEV = 'a recorded dev split, which this model does not bring for this task';
const NO_CALIBRATION = 'a recorded calibration split, which this model does not bring for this task';

function whatLacks(policy: Policy, { evaluation, calibration, fitted }: TrialSetting): string | undefined {
  if (!evaluation) return NO_DEV;
  const traces = calibration && isTunable(policy) ? [evaluation, calibration] : [evaluation];
  const [missing] = traces.flatMap(({ trace }) => firstMissing(policy.needs, availableRecorded(fitted, trace)) ?? []);
  return missing ?? (isTunable(policy) && !calibration ? NO_CALIBRATION : undefined);
}
