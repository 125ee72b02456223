import type { Interval } from './bootstrap';

/** The two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * The 95 % interval of a share of rows, 0 to 1, of which `found` of `rows` have it (Wilson, 1927). Of few rows it is wide,
 * also where none or all of them have it.
 */
export function wilsonInterval(found: number, rows: number): Interval {
  const share = found / rows;
  const spread = Z ** 2 / rows;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z * Math.sqrt((share * (1 - share)) / rows + spread / (4 * rows))) / (1 + spread);
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}
