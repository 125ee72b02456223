import { type PolicyParameters, policyById } from '../policies';
import { type Decision, decisionIn } from '../policies/decision';
import { at } from '../numbers/at';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { replay, scoreTrace } from '../trace/replay';
import type { Aim } from '../tuning/optimise';
import { isTunable, outcomeOf, untried } from './policy-trial';
import type { LabSetting } from './setting';
import { rowOf, type TrialJob } from './trial-job';
import { type Estimate, estimateOf, measure, type Result, type TaskRow } from './trial-result';

/** What parameters do where they were chosen: counted, and expected. */
export interface OnCalibration extends Estimate {
  readonly expectedLossPoints: number;
}

/** A policy to choose parameters of, and those that it has. */
export interface OptimiseJob extends TrialJob {
  readonly current: PolicyParameters;
}

/** What a policy does with the parameters that it has. */
export interface Before {
  readonly parameters: PolicyParameters;
  readonly onCalibration: OnCalibration;
  readonly result: Result;
  readonly isAimReached: boolean;
  /** They keep to the aim, and nothing that was found does better by it where parameters are chosen. */
  readonly isBetter: boolean;
}

/** The best parameters of a policy and those that it has, where they are chosen and on the rows reported on. */
export interface Optimised {
  readonly row: TaskRow;
  /** Null where nothing could be chosen. */
  readonly onCalibration: OnCalibration | null;
  /** Null likewise. */
  readonly before: Before | null;
}

/** Floating-point numbers may miss what they would be on paper by so much. */
const ROUNDING = 1e-9;

/**
 * Looks for a policy's best parameters on the calibration split, and once at the rows reported on.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not.
 */
export function optimisePolicy(setting: LabSetting, job: OptimiseJob): Optimised {
  const row = rowOf(setting, job);
  const { calibration } = setting;
  const policy = policyById(job.policy);
  if (!calibration || !row.result || !isTunable(policy)) return { row, onCalibration: null, before: null };
  const found = onCalibrationOf(calibration, decisionIn(setting, policy, row.parameters), setting);
  const decision = decisionIn(setting, policy, job.current);
  const onCalibration = onCalibrationOf(calibration, decision, setting);
  const isAimReached = keepsTo(job.aim, onCalibration);
  return {
    ...{ row, onCalibration: found },
    before: {
      ...{ parameters: job.current, onCalibration, isAimReached },
      result: resultOf(setting, decision),
      isBetter:
        isAimReached && (row.isAimReached === false || meritOf(job.aim, onCalibration) >= meritOf(job.aim, found)),
    },
  };
}

function onCalibrationOf(calibration: CalibratedTrace, decision: Decision, setting: LabSetting): OnCalibration {
  const scored = scoreTrace(calibration, decision);
  const losses = { ...scored, expectedLosses: expectedLosses(scored, decision.fitted) };
  const expectedLossPoints = 100 * meanLossAt(replay(scored, decision), losses);
  return { ...estimateOf(outcomeOf(calibration, decision, setting)), expectedLossPoints };
}

/** On the rows that are reported on. */
function resultOf(setting: LabSetting, decision: Decision): Result {
  const outcome = outcomeOf(setting.evaluation, decision, setting);
  const trial = { ...untried(decision.policy, setting), missing: null, outcome };
  const { result } = at(measure(setting.evaluation.trace.task, [trial]), 0).row;
  if (!result) throw new Error('What has an outcome has a result.');
  return result;
}

function keepsTo(aim: Aim, { expectedLossPoints, costCutPercent }: OnCalibration): boolean {
  return aim.kind === 'allowedLoss'
    ? expectedLossPoints <= aim.points + ROUNDING
    : costCutPercent >= aim.costCutPercent - ROUNDING;
}

/** What is wanted as great as possible. */
function meritOf(aim: Aim, { expectedLossPoints, costCutPercent }: OnCalibration): number {
  return aim.kind === 'allowedLoss' ? costCutPercent : -expectedLossPoints;
}
