import { type PolicyChoice, resolvePolicy } from '../policies';
import { decisionIn } from '../policies/decision';
import { type Drift, driftOf } from '../trace/drift';
import type { LabSetting } from './setting';

export interface DriftJob {
  readonly choice: PolicyChoice;
}

/** How rows compare with those that thresholds were calibrated with. */
export interface Drifts {
  /** Of the rows that are reported on. */
  readonly here: Drift;
  /** Of rows as people mistype them, where the model brings such. */
  readonly noised: Drift | undefined;
}

/**
 * @returns undefined where the model brings no calibration split.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not, or that needs what traces or model do not have.
 */
export function driftsOf(setting: LabSetting, { choice }: DriftJob): Drifts | undefined {
  const { evaluation, calibration, noised, plan, layers } = setting;
  if (!calibration) return undefined;
  const { policy, parameters } = resolvePolicy(choice, layers);
  const decision = decisionIn(setting, policy, parameters);
  const drift = (rows: typeof evaluation) => driftOf(rows, calibration, decision, plan.mobileLayers);
  return { here: drift(evaluation), noised: noised && drift(noised) };
}
