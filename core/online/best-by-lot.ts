import { at } from '../numbers/at';
import { drawLot } from '../numbers/lots';

/** The index of the largest value; among equal ones a lot decides, the same for the same seed and round. */
export function bestByLot(values: Float64Array, seed: number, round: number): number {
  let [best, equals] = [0, 1];
  for (let index = 1; index < values.length; index++) {
    const [value, most] = [at(values, index), at(values, best)];
    if (value > most) [best, equals] = [index, 1];
    // The n-th of equals takes the place with probability 1/n, so that each of them keeps it equally often.
    else if (value === most && drawLot(seed, round, index) * ++equals < 1) best = index;
  }
  return best;
}
