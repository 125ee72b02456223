import { policyById } from '../policies';
import { decisionIn } from '../policies/decision';
import { isTunable, outcomeOf } from './policy-trial';
import type { LabSetting } from './setting';
import { rowOf, type TrialJob } from './trial-job';
import { type Estimate, estimateOf, type TaskRow } from './trial-result';

/** The best parameters of a policy, what they do where they were chosen, and what they do to the rows reported on. */
export interface Optimised {
  readonly row: TaskRow;
  /** On the calibration split; null where nothing could be chosen. */
  readonly onCalibration: Estimate | null;
}

/**
 * Looks for a policy's best parameters on the calibration split, and once at the rows reported on.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not.
 */
export function optimisePolicy(setting: LabSetting, job: TrialJob): Optimised {
  const row = rowOf(setting, job);
  const { calibration } = setting;
  const policy = policyById(job.policy);
  if (!calibration || !row.result || !isTunable(policy)) return { row, onCalibration: null };
  const decision = decisionIn(setting, policy, row.parameters);
  return { row, onCalibration: estimateOf(outcomeOf(calibration, decision, setting)) };
}
