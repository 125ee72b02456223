/** `closed` lets all through, `open` none, `half-open` one at a time, to see what becomes of it. */
export const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** A sample that was let through, by identity. */
export type Pass = object;

/** Failures in a row after which nothing is let through. */
const MOST_FAILURES = 5;

/**
 * A circuit breaker (Nygard, Release It!, 2007). One of our own: what closes it is the watch over the engine's health, and
 * not the clock, so that nobody's sample is spent on finding out that an engine is still away. Libraries (cockatiel,
 * opossum) have the clock inside, let others wait while one is tried, and in their kept versions want a newer Node.
 */
export class Breaker {
  #state: BreakerState = 'closed';
  #failures = 0;
  #trial: Pass | undefined;
  #opened = 0;

  /** @param onChange hears of each state that it comes to. */
  constructor(private readonly onChange: (state: BreakerState) => void) {}

  get state(): BreakerState {
    return this.#state;
  }

  /** Times that it has opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** Lets a sample through, or does not. Whoever was let through says what became of it. */
  enter(): Pass | undefined {
    if (this.#state === 'open' || this.#trial) return undefined;
    const pass = {};
    if (this.#state === 'half-open') this.#trial = pass;
    return pass;
  }

  /** The engine has answered it, were it by a refusal. */
  answered(pass: Pass): void {
    if (this.#isStale(pass)) return;
    this.#failures = 0;
    this.#become('closed');
  }

  failed(pass: Pass): void {
    if (this.#isStale(pass)) return;
    if (pass === this.#trial || ++this.#failures >= MOST_FAILURES) this.open();
  }

  /** Nobody waits for it any more, which says nothing of the engine. */
  left(pass: Pass): void {
    if (pass === this.#trial) this.#trial = undefined;
  }

  /** The engine is away. */
  open(): void {
    this.#become('open');
  }

  /** It seems to be back. */
  halfOpen(): void {
    if (this.#state === 'open') this.#become('half-open');
  }

  /** Let through before the state changed. */
  #isStale(pass: Pass): boolean {
    return this.#state === 'open' || (this.#state === 'half-open' && pass !== this.#trial);
  }

  #become(state: BreakerState): void {
    this.#trial = undefined;
    if (state === this.#state) return;
    this.#state = state;
    this.#failures = 0;
    if (state === 'open') this.#opened++;
    this.onChange(state);
  }
}
