import type { Interval } from './bootstrap';

/**
 * The exact test of McNemar for two answers to the same rows, of which so many are right by one alone and by the other
 * alone: the probability of a split at least so uneven if either were as likely. Two-sided; 1 where nothing tells them apart.
 */
export function mcNemarExact(oneAlone: number, otherAlone: number): number {
  const rows = oneAlone + otherAlone;
  return Math.min(2 * binomialTail(Math.min(oneAlone, otherAlone), rows, 0.5), 1);
}

/**
 * The interval of Clopper and Pearson for a share of which `hits` of `trials` were seen; where there were none, all shares.
 * About one half it spans 0.5 just where the exact test does not reject.
 */
export function exactShareInterval(hits: number, trials: number, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  const low = hits === 0 ? 0 : bisect((share) => 1 - binomialTail(hits - 1, trials, share) < tail);
  const high = hits === trials ? 1 : bisect((share) => binomialTail(hits, trials, share) > tail);
  return [low, high];
}

/** P(at most so many hits) of a binomial distribution. */
function binomialTail(most: number, trials: number, share: number): number {
  let logChance = trials * Math.log1p(-share);
  let sum = Math.exp(logChance);
  for (let hits = 1; hits <= most; hits++) {
    logChance += Math.log((trials - hits + 1) / hits) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logChance);
  }
  return sum;
}

/** The share from 0 to 1 up to which a condition holds. */
function bisect(holds: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
