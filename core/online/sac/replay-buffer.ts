import { at } from '../../numbers/at';

/** A batch of what happened: features `[batch, d]`, what was done and earned `[batch]`, the next features `[batch, d]`. */
export interface Batch {
  readonly size: number;
  readonly features: Float64Array;
  readonly actions: Uint8Array;
  readonly rewards: Float64Array;
  readonly nextFeatures: Float64Array;
}

/** The latest steps of a learner, the oldest overwritten where it is full. */
export class ReplayBuffer {
  readonly #kept: Batch;
  #added = 0;

  constructor(
    private readonly capacity: number,
    private readonly dimensions: number,
  ) {
    this.#kept = emptyBatch(capacity, dimensions);
  }

  get size(): number {
    return Math.min(this.#added, this.capacity);
  }

  add(features: Float64Array, action: number, reward: number, nextFeatures: Float64Array): void {
    const slot = this.#added++ % this.capacity;
    this.#kept.features.set(features, slot * this.dimensions);
    this.#kept.actions[slot] = action;
    this.#kept.rewards[slot] = reward;
    this.#kept.nextFeatures.set(nextFeatures, slot * this.dimensions);
  }

  /** Fills a batch with steps drawn with replacement; `random` gives 0 to below 1. */
  draw(batch: Batch, random: () => number): void {
    for (let row = 0; row < batch.size; row++) {
      const slot = Math.floor(random() * this.size);
      const [start, end] = [slot * this.dimensions, (slot + 1) * this.dimensions];
      batch.features.set(this.#kept.features.subarray(start, end), row * this.dimensions);
      batch.actions[row] = at(this.#kept.actions, slot);
      batch.rewards[row] = at(this.#kept.rewards, slot);
      batch.nextFeatures.set(this.#kept.nextFeatures.subarray(start, end), row * this.dimensions);
    }
  }
}

export function emptyBatch(size: number, dimensions: number): Batch {
  return {
    size,
    features: new Float64Array(size * dimensions),
    actions: new Uint8Array(size),
    rewards: new Float64Array(size),
    nextFeatures: new Float64Array(size * dimensions),
  };
}
