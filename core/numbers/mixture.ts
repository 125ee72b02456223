/** A part of all samples, and how its latency is spread: normal, or one number where the deviation is 0. */
export interface Component {
  readonly mean: number;
  readonly deviation: number;
  /** Of any sum. */
  readonly weight: number;
}

/** Answers are this near to the quantile itself, in the unit of the means. */
const PRECISION = 0.005;

/** The least value that a share of all samples, 0 to 1, does not exceed; NaN of nothing. Found by bisection. */
export function mixtureQuantile(components: readonly Component[], share: number): number {
  if (components.length === 0) return Number.NaN;
  const wanted = share * components.reduce((sum, { weight }) => sum + weight, 0);
  let low = Math.min(...components.map(({ mean, deviation }) => mean - 6 * deviation));
  let high = Math.max(...components.map(({ mean, deviation }) => mean + 6 * deviation));
  while (high - low > PRECISION) {
    const middle = (low + high) / 2;
    if (weightUpTo(middle, components) >= wanted) high = middle;
    else low = middle;
  }
  return high;
}

function weightUpTo(value: number, components: readonly Component[]): number {
  let sum = 0;
  for (const { mean, deviation, weight } of components) {
    if (deviation > 0) sum += weight * normalShare((value - mean) / deviation);
    else if (mean <= value) sum += weight;
  }
  return sum;
}

/** Share of the standard normal distribution up to z: Abramowitz and Stegun 26.2.17, off by at most 7.5e-8. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const beyond = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - beyond : beyond;
}
