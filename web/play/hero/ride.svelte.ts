import { prefersReducedMotion } from 'svelte/motion';

/** How long a card stays at a layer. */
const CLIMB_MS = 250;

/** The layer a card has climbed to on its way to `goal`, one after the other; at once where people want no motion. */
export class Ride {
  #layer = $state(1);

  /** From 1. */
  get layer(): number {
    return this.#layer;
  }

  /** To be called in an effect: climbs until `goal` is reached. Downwards it goes at once. */
  follow(goal: number): (() => void) | undefined {
    if (prefersReducedMotion.current || goal <= this.#layer) {
      this.#layer = Math.max(goal, 1);
      return undefined;
    }
    const timer = setInterval(() => {
      this.#layer++;
      if (this.#layer >= goal) clearInterval(timer);
    }, CLIMB_MS);
    return () => clearInterval(timer);
  }

  again(): void {
    this.#layer = 1;
  }
}
