/** What was expected of an early answer: the share of recorded rows like it that agree with the last exit, and how many. */
export interface Expectation {
  readonly share: number;
  readonly rows: number;
}

/** Early answers agree less with the last exit than was calibrated. */
export interface Drift {
  readonly samples: number;
  /** Shares, 0 to 1. */
  readonly agreed: number;
  readonly expected: number;
}

interface Seen {
  readonly agrees: boolean;
  readonly expected: Expectation;
}

/** Newest samples looked at, and the fewest that tell anything. */
const WINDOW = 200;
const FEWEST = 50;
/**
 * Standard errors below what was expected at which it is no chance any more. Four, since it is looked at after each sample:
 * of a thousand windows without a drift about one is taken for one.
 */
const MOST_ERRORS = 4;
/** Recorded rows that all agree do not say that none ever will. */
const MOST_SURE = 0.995;

/** Compares what the newest shadow runs of a task found with what the recorded rows promised for the same settings. */
export class DriftWatch {
  #newest: readonly Seen[] = [];

  /** The drift, once there is one; after that it is looked for anew. */
  add(agrees: boolean, expected: Expectation): Drift | undefined {
    this.#newest = [...this.#newest, { agrees, expected }].slice(-WINDOW);
    const drift = this.#found();
    if (drift) this.#newest = [];
    return drift;
  }

  #found(): Drift | undefined {
    const samples = this.#newest.length;
    if (samples < FEWEST) return undefined;
    const mean = (of: (seen: Seen) => number) => this.#newest.reduce((sum, seen) => sum + of(seen), 0) / samples;
    const agreed = mean((seen) => Number(seen.agrees));
    const expected = mean((seen) => seen.expected.share);
    // What chance does to so many samples, and did to the recorded rows that the expectation is from.
    const variance = mean((seen) => varianceOf(seen.expected) * (1 / samples + 1 / seen.expected.rows));
    return agreed < expected - MOST_ERRORS * Math.sqrt(variance) ? { samples, agreed, expected } : undefined;
  }
}

function varianceOf({ share }: Expectation): number {
  const bounded = Math.min(Math.max(share, 1 - MOST_SURE), MOST_SURE);
  return bounded * (1 - bounded);
}
