interface Sent {
  readonly at: number;
  readonly abort: AbortController;
}

/** Samples that an engine has and has not answered. One that answers none of them for too long hangs, whatever it says of its health. */
export class UnderWay {
  /** The oldest first. */
  readonly #sent = new Set<Sent>();
  #lastAnswerAt = Number.NEGATIVE_INFINITY;
  #lastTookMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param now milliseconds of a steady clock. */
  constructor(
    private readonly silentMs: number,
    private readonly now: () => number,
    private readonly onSilence: () => void,
  ) {}

  get size(): number {
    return this.#sent.size;
  }

  /** When the engine last answered any. */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt;
  }

  /** How long the last sample took that was answered, its wait at the engine included. */
  get lastTookMs(): number | undefined {
    return this.#lastTookMs;
  }

  /** Runs a call whose signal is aborted with the given one, and with all others by `abortAll`. */
  async run<Result>(call: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const sent: Sent = { at: this.now(), abort: new AbortController() };
    const abort = () => sent.abort.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#sent.add(sent);
    this.#watch();
    try {
      const result = await call(sent.abort.signal);
      this.#lastTookMs = this.now() - sent.at;
      return result;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#sent.delete(sent);
      if (!sent.abort.signal.aborted) this.#lastAnswerAt = this.now();
      if (this.#sent.size === 0) this.#rest();
    }
  }

  abortAll(reason: unknown): void {
    for (const { abort } of this.#sent) abort.abort(reason);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(afterMs = this.silentMs): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const [oldest] = this.#sent;
      if (!oldest) return;
      const silentMs = this.now() - Math.max(oldest.at, this.#lastAnswerAt);
      if (silentMs >= this.silentMs) this.onSilence();
      else this.#watch(this.silentMs - silentMs);
    }, afterMs);
  }
}
