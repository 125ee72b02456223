/** Clients remembered at a time, so that many addresses cannot fill the memory. */
const MOST_CLIENTS = 10_000;

/**
 * A bucket of tokens for each client: `burst` at once, then one every `refillMs`. Of a bucket only the moment is kept at
 * which it will be full again (the generic cell rate algorithm, ITU-T I.371).
 */
export class RateLimit {
  readonly #fullAtMs = new Map<string, number>();

  constructor(
    private readonly burst: number,
    private readonly refillMs: number,
    private readonly now: () => number,
  ) {}

  /** Takes a token of the client's, or only looks for one, or says in how many milliseconds there will be one. */
  waitMs(client: string, how: 'take' | 'look' = 'take'): number {
    const now = this.now();
    this.#forgetFull(now);
    const fullAtMs = Math.max(this.#fullAtMs.get(client) ?? now, now);
    const waitMs = fullAtMs - now - (this.burst - 1) * this.refillMs;
    if (waitMs > 0) return waitMs;
    if (how === 'look') return 0;
    // Whoever asked last stands last.
    this.#fullAtMs.delete(client);
    this.#fullAtMs.set(client, fullAtMs + this.refillMs);
    return 0;
  }

  #forgetFull(now: number): void {
    for (const [client, fullAtMs] of this.#fullAtMs) {
      if (fullAtMs > now && this.#fullAtMs.size < MOST_CLIENTS) return;
      this.#fullAtMs.delete(client);
    }
  }
}
