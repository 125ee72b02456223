import { at } from '../numbers/at';
import { bestByLot } from './best-by-lot';
import type { Feedback, Learner } from './online-policy';

/**
 * Chooses the arm whose mean reward may be the highest: arg max Q_i + β √(ln t / N_i), for the mean reward Q_i of N_i
 * observations in round t, counted from 1. An arm that was never observed comes first; among equals a lot decides.
 * Source: UCB1 (Auer et al., 2002), where β = √2; SplitEE and CeeBERT leave β open.
 */
export class Ucb implements Learner {
  readonly #observations: Uint32Array;
  readonly #sums: Float64Array;
  readonly #bounds: Float64Array;
  #round = 0;

  constructor(
    arms: number,
    private readonly exploration: number,
    private readonly seed: number,
  ) {
    this.#observations = new Uint32Array(arms);
    this.#sums = new Float64Array(arms);
    this.#bounds = new Float64Array(arms);
  }

  choose(): number {
    const logRound = Math.log(++this.#round);
    for (let arm = 0; arm < this.#bounds.length; arm++) {
      const count = at(this.#observations, arm);
      const mean = at(this.#sums, arm) / count;
      this.#bounds[arm] = count ? mean + this.exploration * Math.sqrt(logRound / count) : Number.POSITIVE_INFINITY;
    }
    return bestByLot(this.#bounds, this.seed, this.#round);
  }

  learn({ arm, reward }: Pick<Feedback, 'arm' | 'reward'>): void {
    this.#observations[arm] = at(this.#observations, arm) + 1;
    this.#sums[arm] = at(this.#sums, arm) + reward;
  }
}
