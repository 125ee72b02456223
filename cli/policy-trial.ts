import { costByExitLayer, costCutPercent, type CostWeights } from '../core/cost';
import type { Decision } from '../core/ladder/decision';
import { type Plan, stretchesOf } from '../core/layers';
import { defaultParameters, POLICIES, type Policy, type PolicyParameters } from '../core/policies';
import type { Fitted } from '../core/policies/fitted';
import { availableRecorded, firstMissing } from '../core/policies/needs';
import { POOL_ROUTINGS, type PoolRouting } from '../core/policies/pools';
import { qualityOf, type Quality, type RunSummary, summarise } from '../core/summary';
import type { CalibratedTrace } from '../core/trace/calibrated-trace';
import { type Aim, optimise } from '../core/trace/optimise';
import { replayPools } from '../core/trace/pool-replay';
import { replay, scoreTrace } from '../core/trace/replay';

/** What can be tried. */
export type Contender = Policy | PoolRouting;

export const CONTENDERS: readonly Contender[] = [...POLICIES, ...POOL_ROUTINGS];

/** What a trial takes place in. */
export interface TrialSetting {
  /** The dev split of a task, and what policies were fitted to; undefined as far as the model does not bring it. */
  readonly dev: CalibratedTrace | undefined;
  readonly fitted: Fitted;
  readonly layers: number;
  readonly plan: Plan;
  readonly costs: CostWeights;
  readonly aim: Aim;
}

/** What became of one policy. */
export interface Trial {
  readonly policy: Contender;
  /** Chosen on the calibration split. */
  readonly parameters: PolicyParameters;
  /** Whether they keep to the aim there; null where there was nothing to choose. */
  readonly isAimReached: boolean | null;
  /** What the policy needs and the model does not bring, in words; null where it has been measured. */
  readonly missing: string | null;
  readonly outcome: TrialOutcome | null;
}

/** What the dev rows did. */
export interface TrialOutcome {
  readonly summary: RunSummary;
  readonly quality: Quality;
  /** By row, in points: 100 where the last exit alone is right, −100 where it alone is wrong. Their mean is the loss. */
  readonly lossPoints: Float64Array;
  /** By row, against all cloud. */
  readonly costCutPercent: Float64Array;
}

export function tryContender(contender: Contender, setting: TrialSetting): Trial {
  return 'column' in contender ? tryPools(contender, setting) : tryPolicy(contender, setting);
}

/** There is nothing to choose: pools and centroids were fitted on the calibration split. */
function tryPools(policy: PoolRouting, { dev, plan, costs, layers }: TrialSetting): Trial {
  const trial = { policy, parameters: {}, isAimReached: null };
  if (!dev) return { ...trial, missing: NO_DEV, outcome: null };
  if (!dev.trace[policy.column]) return { ...trial, missing: NO_DISTANCES, outcome: null };
  const { summary, quality, exitLayers, costs: rowCosts } = replayPools(dev, policy, plan, costs);
  const outcome = {
    ...{ summary, quality, lossPoints: lossesOf(dev, exitLayers) },
    costCutPercent: rowCosts.map((cost) => costCutPercent(cost, layers, costs)),
  };
  return { ...trial, missing: null, outcome };
}

const NO_DEV = 'a recorded dev split, which this model does not bring for this task';
const NO_DISTANCES = 'distances to its pools, which were not recorded here';

/** Chooses a policy's parameters on the calibration split, then looks at the dev split once. */
function tryPolicy(policy: Policy, setting: TrialSetting): Trial {
  const { dev, fitted, layers, plan, costs, aim } = setting;
  const missing = whatLacks(policy, setting);
  const trial = { policy, parameters: defaultParameters(policy), isAimReached: null, missing: missing ?? null };
  if (!dev || missing !== undefined) return { ...trial, outcome: null };
  const frame = { policy, fitted, stretches: stretchesOf(policy.route, plan, layers) };
  if (!isTunable(policy) || !fitted.calibration) {
    return { ...trial, outcome: replayRows(dev, { ...frame, parameters: trial.parameters }, costs) };
  }
  const { parameters, isReached } = optimise(fitted.calibration, frame, aim, costs);
  const outcome = replayRows(dev, { ...frame, parameters }, costs);
  return { ...trial, parameters, isAimReached: isReached, outcome };
}

function isTunable({ parameters }: Policy): boolean {
  return parameters.some((spec) => !spec.isHidden);
}

function whatLacks(policy: Policy, { dev, fitted }: TrialSetting): string | undefined {
  if (!dev) return NO_DEV;
  const needs = isTunable(policy) ? [...policy.needs, 'calibration' as const] : policy.needs;
  const traces = fitted.calibration && isTunable(policy) ? [dev, fitted.calibration] : [dev];
  return traces.flatMap(({ trace }) => firstMissing(needs, availableRecorded(fitted, trace)) ?? [])[0];
}

function replayRows(dev: CalibratedTrace, decision: Decision, costs: CostWeights): TrialOutcome {
  const { layers, gold } = dev.trace;
  const scored = scoreTrace(dev, decision);
  const exitLayers = replay(scored, decision);
  const cuts = costByExitLayer(layers, decision.stretches, costs).map((cost) => costCutPercent(cost, layers, costs));
  return {
    summary: summarise(exitLayers, layers, decision.stretches, costs),
    quality: qualityOf(exitLayers, scored.labels, gold, layers),
    lossPoints: lossesOf(dev, exitLayers),
    costCutPercent: Float64Array.from(exitLayers, (layer) => cuts[layer - 1] ?? 0),
  };
}

function lossesOf({ trace: { layers, gold }, labels }: CalibratedTrace, exitLayers: Uint8Array): Float64Array {
  const isRight = (row: number, layer: number) => Number(labels[row * layers + layer - 1] === gold[row]);
  return Float64Array.from(exitLayers, (layer, row) => 100 * (isRight(row, layers) - isRight(row, layer)));
}
