import type { PolicyData } from './policy-data';
import type { Disagreements } from './disagreements';

/** What was found out in advance on the calibration split, as far as a policy needs it and the model brings it. */
export interface Fitted {
  readonly data?: PolicyData | undefined;
  readonly disagreements?: Disagreements | undefined;
}

export const NOTHING_FITTED: Fitted = {};
