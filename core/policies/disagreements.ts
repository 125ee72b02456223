/** Of the calibration rows: how many there are, and how many each of the `CANDIDATES` answers otherwise than the last exit. */
export interface Disagreements {
  readonly rows: number;
  readonly counts: readonly number[];
}

/** Thresholds that a risk-controlled policy tries, strictest first: even steps of ln(τ / (1 − τ)), since confidences crowd near 1. */
export const CANDIDATES: readonly number[] = Array.from(
  { length: 221 },
  (_, index) => 1 / (1 + Math.exp(-10 + index / 20)),
);
