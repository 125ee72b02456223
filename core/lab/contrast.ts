import { at } from '../numbers/at';
import { percentileInterval } from '../numbers/bootstrap';
import { differenceOf, discordantIn, type PairedComparison, withExactInterval } from './paired';
import type { Measured } from './trial-result';

/** Two policies on the same rows, each with the parameters chosen for it. */
export type Contrast = Pick<PairedComparison, 'accuracy' | 'computeSaved' | 'discordant'>;

/**
 * What lies between two measured policies, row by row: as `comparePair` has it, from what the bootstrap made of each.
 * Undefined where one of them has no result.
 */
export function contrastOf(a: Measured, b: Measured): Contrast | undefined {
  const [one, other] = [a.row.result, b.row.result];
  if (!one || !other || !a.replicates || !b.replicates || !a.lossPoints || !b.lossPoints) return undefined;
  const discordant = discordantIn(minus(a.lossPoints, b.lossPoints));
  const accuracy = differenceOf(
    100 * one.accuracy,
    100 * other.accuracy,
    percentileInterval(minus(a.replicates.lossPoints, b.replicates.lossPoints)),
  );
  return {
    accuracy: withExactInterval(accuracy, discordant, a.row.rows),
    computeSaved: differenceOf(
      one.costCutPercent,
      other.costCutPercent,
      percentileInterval(minus(b.replicates.costCutPercent, a.replicates.costCutPercent)),
    ),
    discordant,
  };
}

function minus(these: Float64Array, those: Float64Array): Float64Array {
  return these.map((value, place) => value - at(those, place));
}
