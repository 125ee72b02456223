/** How far the distributions of two samples are apart. */
export interface TwoSamples {
  /** The greatest difference of their distribution functions, 0 to 1. */
  readonly distance: number;
  /** How likely one at least as great is where both come from the same distribution. */
  readonly pValue: number;
}

/** Terms of Kolmogorov's series, of which each is less than a hundredth of the one before where it matters. */
const TERMS = 100;

/**
 * The two-sample test of Kolmogorov and Smirnov, with the p-value of its limit and the correction of Stephens (1970) for
 * few rows. Of values that come more than once the p-value is too high rather than too low.
 * @param one at least one value; `other` likewise.
 */
export function kolmogorovSmirnov(one: ArrayLike<number>, other: ArrayLike<number>): TwoSamples {
  const [a, b] = [Float64Array.from(one).sort(), Float64Array.from(other).sort()];
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && (a[i] ?? 0) <= value) i++;
    while (j < b.length && (b[j] ?? 0) <= value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length));
  return { distance, pValue: kolmogorov((root + 0.12 + 0.11 / root) * distance) };
}

/** How likely Kolmogorov's limit is to be greater. */
function kolmogorov(x: number): number {
  // Below it the series converges slowly, and the sum is 1 to ten digits.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let term = 1; term <= TERMS; term++) sum += (term % 2 ? 1 : -1) * Math.exp(-2 * (term * x) ** 2);
  return Math.min(Math.max(2 * sum, 0), 1);
}
