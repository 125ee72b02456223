import { at, lastOf } from '../numbers/at';
import type { Exit } from '../exits';
import type { Stretch } from '../layers';

/**
 * The latest exits of each tier that a sample has come through, tier by tier and at most `most` of each; none where exit k of
 * exits 1..k is not its tier's last.
 */
export function exitsOfTiers(exits: readonly Exit[], stretches: readonly Stretch[], most = 1): readonly Exit[] {
  if (!stretches.some(({ lastLayer }) => lastLayer === exits.length)) return [];
  return stretches.flatMap(({ firstLayer, lastLayer }) =>
    exits.slice(Math.max(firstLayer, lastLayer - most + 1) - 1, lastLayer),
  );
}

/** How sure an answer is: of several exits, or else of the latest alone. */
export function confidenceOf(answer: readonly number[] | undefined, exits: readonly Exit[]): number {
  return answer ? Math.max(...answer) : lastOf(exits).confidence;
}

/** Linear opinion pool: the weighted mean of the exits' probabilities. Weights have the sum 1. */
export function linearPool(exits: readonly Exit[], weights: readonly number[]): readonly number[] {
  return classesOf(exits).map((label) => weightedSum(exits, weights, ({ probabilities }) => at(probabilities, label)));
}

/** Logarithmic opinion pool: the weighted geometric mean of the exits' probabilities, made to have the sum 1 again. */
export function logLinearPool(exits: readonly Exit[], weights: readonly number[]): readonly number[] {
  const logarithm = (p: number) => Math.log(Math.max(p, Number.MIN_VALUE));
  const pooled = classesOf(exits).map((label) =>
    Math.exp(weightedSum(exits, weights, ({ probabilities }) => logarithm(at(probabilities, label)))),
  );
  const total = pooled.reduce((sum, value) => sum + value, 0);
  return pooled.map((value) => value / total);
}

function classesOf(exits: readonly Exit[]): readonly number[] {
  return [...at(exits, 0).probabilities.keys()];
}

function weightedSum(exits: readonly Exit[], weights: readonly number[], valueOf: (exit: Exit) => number): number {
  return exits.reduce((sum, exit, index) => sum + at(weights, index) * valueOf(exit), 0);
}
