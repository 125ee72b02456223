import { RowCounts, type RowTotals } from './row-counts';
import type { RowRules, SentenceRow, ShownSentence } from './shown-sentence';

/** Milliseconds of work at a time, which leaves most of a frame of 16 to the page. */
const SLICE_MS = 6;
/** From a result to the totals that count it: numbers that change more often cannot be read. */
const SHOW_MS = 100;
/** Rows between two looks at the clock. */
const CHUNK = 32;

/**
 * What the rows add up to. A sentence that has changed is counted anew by itself. When settings move, rows are decided anew
 * in slices, so that however many there are the page keeps answering; where they are few, the first slice is all.
 */
export class Tally {
  #totals: RowTotals = $state.raw(new RowCounts(0).totals());
  #counts = new RowCounts(0);
  #shown: readonly ShownSentence[] = [];
  #rules: RowRules | undefined;
  #next = 0;
  #left = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #showTimer: ReturnType<typeof setTimeout> | undefined;

  /** `whenSwept` is called each time that all rows are known to be decided by the latest rules. */
  constructor(
    private readonly layerCount: number,
    private readonly whenSwept: () => void,
  ) {}

  /** As of at most a moment ago: a new object whenever any row may have changed. */
  get totals() {
    return this.#totals;
  }

  /** Some rows are still decided under earlier settings. */
  get isSweeping() {
    return this.#left > 0;
  }

  /** Other sentences, or other settings for the same ones. Where rows are being decided anew, the sweep goes on from there. */
  follow(shown: readonly ShownSentence[], rules: RowRules): void {
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#counts = new RowCounts(this.layerCount);
      this.#next = 0;
    }
    this.#rules = rules;
    this.#left = shown.length;
    this.#sweep();
  }

  /** To be called when something new is known of a sentence. One that has not been counted yet will be in its turn. */
  changed(shown: ShownSentence): void {
    if (!this.#counts.has(shown)) return;
    this.#count(shown);
    this.#showSoon();
  }

  /** The row as it was counted last; undefined before its turn. */
  rowOf(shown: ShownSentence): SentenceRow | undefined {
    return this.#counts.rowOf(shown);
  }

  waiting(most: number): readonly SentenceRow[] {
    return this.#counts.waiting(most);
  }

  #sweep(): void {
    clearTimeout(this.#timer);
    const end = performance.now() + SLICE_MS;
    while (this.#left > 0 && performance.now() < end) this.#sweepChunk();
    if (this.#left > 0) {
      this.#timer = setTimeout(() => this.#sweep());
      this.#showSoon();
    } else {
      this.#show();
      this.whenSwept();
    }
  }

  #sweepChunk(): void {
    for (let row = 0; row < CHUNK && this.#left > 0; row++, this.#left--) {
      const shown = this.#shown[this.#next];
      if (shown) this.#count(shown);
      this.#next = (this.#next + 1) % this.#shown.length;
    }
  }

  #count(shown: ShownSentence): void {
    if (this.#rules) this.#counts.count(shown, shown.rowUnder(this.#rules));
  }

  #showSoon(): void {
    this.#showTimer ??= setTimeout(() => this.#show(), SHOW_MS);
  }

  #show(): void {
    clearTimeout(this.#showTimer);
    this.#showTimer = undefined;
    this.#totals = this.#counts.totals();
  }
}
