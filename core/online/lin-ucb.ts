import { at } from '../numbers/at';
import { bestByLot } from './best-by-lot';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** What one arm knows: the inverse of A = I + Σ x xᵀ, `[d, d]`, and θ = A⁻¹ Σ r x, `[d]`. */
interface Ridge {
  readonly inverse: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Linear UCB with disjoint models: each arm predicts its reward from the features x by a ridge regression θ of what it
 * earned so far, and the arm with the highest bound is chosen: arg max θᵀx + β √(xᵀ A⁻¹ x); among equals a lot decides.
 * Source: LinUCB, algorithm 1 of arXiv 1003.0146 (there β is α). A⁻¹ is kept up to date by Sherman and Morrison's formula.
 */
export class LinUcb {
  readonly #arms: readonly Ridge[];
  readonly #bounds: Float64Array;
  /** A⁻¹x of the arm in hand. */
  readonly #turned: Float64Array;
  #round = 0;

  constructor(
    arms: number,
    private readonly dimensions: number,
    private readonly exploration: number,
    private readonly seed: number,
  ) {
    this.#arms = Array.from({ length: arms }, () => ({
      inverse: identity(dimensions),
      weights: new Float64Array(dimensions),
    }));
    this.#bounds = new Float64Array(arms);
    this.#turned = new Float64Array(dimensions);
  }

  /** θ of an arm, `[d]`. */
  weights(arm: number): Float64Array {
    return at(this.#arms, arm).weights;
  }

  /** The arm for features `[d]`. */
  choose(features: Float64Array): number {
    this.#round++;
    this.#arms.forEach((ridge, arm) => {
      // Rounding may bring xᵀA⁻¹x below 0 where it is next to nothing.
      const variance = Math.max(this.#turn(ridge, features), 0);
      this.#bounds[arm] = dot(ridge.weights, features) + this.exploration * Math.sqrt(variance);
    });
    return bestByLot(this.#bounds, this.seed, this.#round);
  }

  /** Adds x and its reward to an arm: A ← A + x xᵀ, and θ moves along A⁻¹x by what it mispredicted. */
  learn(arm: number, features: Float64Array, reward: number): void {
    const ridge = at(this.#arms, arm);
    const { inverse, weights } = ridge;
    const scale = 1 / (1 + this.#turn(ridge, features));
    const surprise = scale * (reward - dot(weights, features));
    for (let row = 0; row < this.dimensions; row++) {
      const turned = this.#turned[row] ?? 0;
      weights[row] = (weights[row] ?? 0) + surprise * turned;
      for (let column = 0; column < this.dimensions; column++) {
        const index = row * this.dimensions + column;
        inverse[index] = (inverse[index] ?? 0) - scale * turned * (this.#turned[column] ?? 0);
      }
    }
  }

  /** Leaves A⁻¹x in `#turned`; gives xᵀA⁻¹x. */
  #turn({ inverse }: Ridge, features: Float64Array): number {
    for (let row = 0; row < this.dimensions; row++) {
      let sum = 0;
      for (let column = 0; column < this.dimensions; column++) {
        sum += (inverse[row * this.dimensions + column] ?? 0) * (features[column] ?? 0);
      }
      this.#turned[row] = sum;
    }
    return dot(this.#turned, features);
  }
}

function identity(dimensions: number): Float64Array {
  return Float64Array.from({ length: dimensions ** 2 }, (_, index) => (index % (dimensions + 1) === 0 ? 1 : 0));
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
