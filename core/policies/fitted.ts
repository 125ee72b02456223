import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { PolicyData } from './policy-data';

/** What was found out in advance on the calibration split, as far as a policy needs it and the model brings it. */
export interface Fitted {
  readonly data?: PolicyData | undefined;
  readonly calibration?: CalibratedTrace | undefined;
}

export const NOTHING_FITTED: Fitted = {};
