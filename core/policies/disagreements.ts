/** Of the calibration rows: how many there are, and of each of the `CANDIDATES`, how many rows … */
export interface Disagreements {
  readonly rows: number;
  /** … it answers otherwise than the last exit. */
  readonly counts: readonly number[];
  /** … it answers wrongly and the last exit rightly. */
  readonly losses: readonly number[];
}

/** Thresholds that a risk-controlled policy tries, strictest first: even steps of ln(τ / (1 − τ)), since confidences crowd near 1. */
export const CANDIDATES: readonly number[] = Array.from(
  { length: 221 },
  (_, index) => 1 / (1 + Math.exp(-10 + index / 20)),
);

/** The last of the `CANDIDATES`, from the strictest down, before the first that counts more rows; Infinity where all do. */
export function cheapestPassing(counts: readonly number[], most: number): number {
  const firstFailing = counts.findIndex((count) => count > most);
  const passing = firstFailing < 0 ? CANDIDATES.length : firstFailing;
  return CANDIDATES[passing - 1] ?? Number.POSITIVE_INFINITY;
}
