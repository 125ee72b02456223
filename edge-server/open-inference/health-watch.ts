/** How often, in milliseconds, an engine is asked how it is: while it is well, and after it was not, doubling. */
export interface Rhythm {
  readonly wellMs: number;
  readonly firstIllMs: number;
  readonly longestIllMs: number;
}

export const USUAL_RHYTHM: Rhythm = { wellMs: 4000, firstIllMs: 100, longestIllMs: 5000 };

export interface HealthListener {
  /** It is well, and it took so many milliseconds to say so. */
  well(roundTripMs: number): void;
  ill(error: unknown): void;
}

/** Asks an engine how it is, over and over. */
export class HealthWatch {
  #illMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isClosed = false;

  /**
   * @param ask rejects where it is not well.
   * @param now milliseconds of a steady clock.
   */
  constructor(
    private readonly ask: () => Promise<unknown>,
    private readonly listener: HealthListener,
    private readonly now: () => number,
    private readonly rhythm: Rhythm,
  ) {
    this.#illMs = rhythm.firstIllMs;
    void this.#look();
  }

  /** Samples say that it is ill: it is asked soon, and the later the more often that was so. */
  worry(): void {
    if (!this.#isAsking) this.#lookIn(this.#nextIllMs());
  }

  /** Samples say that it is well. */
  trust(): void {
    this.#illMs = this.rhythm.firstIllMs;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#isAsking = true;
    const startedAt = this.now();
    let isWell = true;
    try {
      await this.ask();
    } catch (error) {
      isWell = false;
      if (!this.#isClosed) this.listener.ill(error);
    }
    this.#isAsking = false;
    if (isWell && !this.#isClosed) this.listener.well(this.now() - startedAt);
    this.#lookIn(isWell ? this.rhythm.wellMs : this.#nextIllMs());
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#look(), ms);
  }

  #nextIllMs(): number {
    const ms = this.#illMs;
    this.#illMs = Math.min(2 * ms, this.rhythm.longestIllMs);
    return ms;
  }
}
