import type { CostWeights } from '../cost';
import type { Plan } from '../layers';
import type { Fitted } from '../policies/fitted';
import type { CalibratedTrace } from '../trace/calibrated-trace';

/** What is measured on: the part of a setting that stays for as long as the task does. */
export interface LabTraces {
  /** What is reported on. */
  readonly evaluation: CalibratedTrace;
  /** What parameters are chosen on. */
  readonly calibration?: CalibratedTrace | undefined;
  /** Rows as people mistype them, where the model brings such. */
  readonly noised?: CalibratedTrace | undefined;
  readonly fitted: Fitted;
}

/** What every job of the Lab takes place in. */
export interface LabSetting extends LabTraces {
  /** Of the whole network. */
  readonly layers: number;
  /** Numbers a token of its hidden states. */
  readonly hidden: number;
  readonly plan: Plan;
  readonly costs: CostWeights;
}
