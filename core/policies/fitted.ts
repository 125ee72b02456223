import type { PolicyData } from './policy-data';
import type { Disagreements } from './disagreements';

/** What the exits say of the rows that things are fitted to, calibrated. */
export interface CalibrationExits {
  readonly rows: number;
  readonly layers: number;
  readonly classes: number;
  /** `[rows, layers, classes]`. */
  readonly probabilities: Float64Array;
  /** Right labels, `[rows]`. */
  readonly gold: Uint8Array;
}

/** What was found out in advance on the calibration split, as far as a policy needs it and the model brings it. */
export interface Fitted {
  readonly data?: PolicyData | undefined;
  readonly disagreements?: Disagreements | undefined;
  readonly calibration?: CalibrationExits | undefined;
}

export const NOTHING_FITTED: Fitted = {};
