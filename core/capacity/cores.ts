import type { SimulatedClock } from './clock';

interface Running {
  /** Milliseconds that it would still take with a core of its own. */
  left: number;
  readonly then: () => void;
}

/** The cores of a machine, which all threads that have something to do share alike (processor sharing). */
export class Cores {
  readonly #running = new Set<Running>();
  #at = 0;
  /** Of what was said to end next, the last that is still true. */
  #turn = 0;

  constructor(
    private readonly clock: SimulatedClock,
    private readonly count: number,
  ) {}

  /** A thread computes for so many milliseconds of a core of its own. */
  run(ms: number, then: () => void): void {
    this.#goOn();
    this.#running.add({ left: ms, then });
    this.#await();
  }

  get #speed(): number {
    return Math.min(1, this.count / this.#running.size);
  }

  /** Until now. */
  #goOn(): void {
    const ms = (this.clock.now - this.#at) * this.#speed;
    this.#at = this.clock.now;
    for (const running of this.#running) running.left -= ms;
  }

  #await(): void {
    const turn = ++this.#turn;
    let next: Running | undefined;
    for (const running of this.#running) if (!next || running.left < next.left) next = running;
    if (!next) return;
    const ended = next;
    this.clock.after(Math.max(ended.left, 0) / this.#speed, () => {
      if (turn !== this.#turn) return;
      this.#goOn();
      this.#running.delete(ended);
      this.#await();
      ended.then();
    });
  }
}
