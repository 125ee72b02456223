import type { Cores } from './cores';

interface Errand {
  readonly ms: number;
  readonly then: () => void;
}

/** A thread that does one thing after the other, in the order in which they came. */
export class Errands {
  readonly #all: Errand[] = [];

  constructor(private readonly cores: Cores) {}

  /** Something that takes so many milliseconds of a core, and what comes of it. */
  add(ms: number, then: () => void): void {
    this.#all.push({ ms, then });
    if (this.#all.length === 1) this.#next();
  }

  #next(): void {
    const [errand] = this.#all;
    if (!errand) return;
    this.cores.run(errand.ms, () => {
      errand.then();
      this.#all.shift();
      this.#next();
    });
  }
}
