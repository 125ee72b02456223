import type { Interval } from './bootstrap';

/** The two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * A 95 % interval of a difference of two shares on the same rows, of which only the discordant ones tell: `onlyFirst` rows
 * are in the first share alone, `onlySecond` in the second. Half a row is added to each of the four cells (Agresti and Min,
 * Statistics in Medicine 24, 2005), so that few discordant rows do not make it narrow. First share less second, −1 to 1.
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, rows: number): Interval {
  const [first, second, total] = [onlyFirst + 0.5, onlySecond + 0.5, rows + 2];
  const difference = (first - second) / total;
  const error = Math.sqrt(first + second - (first - second) ** 2 / total) / total;
  return [difference - Z * error, difference + Z * error];
}
