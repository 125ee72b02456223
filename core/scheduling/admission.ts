import { DimeeError } from '../errors';

export interface AdmissionOptions {
  /** Samples that may be here at a time. */
  readonly maxSamples: number;
  /** Tokens that they may have together. A sample that finds nobody here may have any number. */
  readonly maxTokens: number;
  /** Milliseconds that a sample may have to expect before its answer, by the speed measured so far. */
  readonly maxWaitMs: number;
  /** What computes them side by side. */
  readonly workers: number;
  /** From 0 to 1, excluding 1. */
  readonly random: () => number;
}

/** A sample that has come in. */
export interface Admitted {
  /** So many milliseconds of a worker have been spent on it. */
  computed(ms: number): void;
  /** It has gone: answered, given up or handed on. More calls than one do no harm. */
  leave(): void;
}

/**
 * What samples are taken to compute, in milliseconds a token, before any has been measured, and the tokens that weighs: the
 * first samples find cold caches, and have nobody to share a batch with.
 */
const ASSUMED_MS_PER_TOKEN = 0.25;
const ASSUMED_TOKENS = 2048;
/** Tokens over which the speed is averaged: a second or two of a small machine under load. */
const MEMORY_TOKENS = 8192;
/** Waits are told from this multiple of the time to that one, so that those refused together do not come back together. */
const [SHORTEST, LONGEST] = [0.75, 1.25];

/** Of all that may be here, what may come from one holder: what is left keeps the others from being locked out. */
const ONE_HOLDERS_SHARE = 0.75;

/** Samples that are here, and their tokens. */
interface Presence {
  readonly samples: number;
  readonly tokens: number;
}

/** Who may come in: as many samples as will be answered in reasonable time. */
export class Admission {
  readonly #holders = new Map<string, Presence>();
  #samples = 0;
  #tokens = 0;
  /** Of samples that have left, decaying: what they computed, and their tokens. */
  #computedMs = ASSUMED_MS_PER_TOKEN * ASSUMED_TOKENS;
  #computedTokens = ASSUMED_TOKENS;

  constructor(private readonly options: AdmissionOptions) {}

  get inside(): { readonly samples: number; readonly tokens: number } {
    return { samples: this.#samples, tokens: this.#tokens };
  }

  /** What a client that may not come in now is told to wait: about as long as all that is here will take. */
  get retryAfterMs(): number {
    const waitMs = this.#msFor(Math.max(this.#tokens, 1));
    return Math.ceil(waitMs * (SHORTEST + (LONGEST - SHORTEST) * this.options.random()));
  }

  /**
   * @param holder whose it is, such as an address: no holder takes up all there is.
   * @throws DimeeError `OVERLOADED` where too much is here, or too much of that is the holder's.
   */
  enter(tokens: number, holder?: string): Admitted {
    const own = holder === undefined ? undefined : this.#presenceOf(holder);
    if (this.#isFull(tokens, own)) {
      const message = `This tier is full: ${this.#samples} samples of ${this.#tokens} tokens are here. Try again later.`;
      throw new DimeeError('OVERLOADED', message, { retryable: true, retryAfterMs: this.retryAfterMs });
    }
    this.#count(1, tokens, holder);
    let computedMs = 0;
    let isHere = true;
    return {
      computed: (ms) => void (computedMs += ms),
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#count(-1, -tokens, holder);
        if (computedMs > 0) this.#learn(tokens, computedMs);
      },
    };
  }

  #isFull(tokens: number, own: Presence | undefined): boolean {
    if (this.#samples === 0) return this.options.maxSamples === 0;
    const isOwnFull = own && own.samples > 0 && this.#isBeyond(own, tokens, ONE_HOLDERS_SHARE);
    return isOwnFull || this.#isBeyond({ samples: this.#samples, tokens: this.#tokens }, tokens, 1);
  }

  /** Whether so many tokens more are too many beside these samples, for that share of all there is. */
  #isBeyond({ samples, tokens: here }: Presence, tokens: number, share: number): boolean {
    const { maxSamples, maxTokens, maxWaitMs } = this.options;
    const then = here + tokens;
    const isTooLong = this.#msFor(then) > share * maxWaitMs;
    return samples >= share * maxSamples || then > share * maxTokens || isTooLong;
  }

  #count(samples: number, tokens: number, holder: string | undefined): void {
    this.#samples += samples;
    this.#tokens += tokens;
    if (holder === undefined) return;
    const own = this.#presenceOf(holder);
    const then = { samples: own.samples + samples, tokens: own.tokens + tokens };
    if (then.samples > 0) this.#holders.set(holder, then);
    else this.#holders.delete(holder);
  }

  #presenceOf(holder: string): Presence {
    return this.#holders.get(holder) ?? { samples: 0, tokens: 0 };
  }

  #msFor(tokens: number): number {
    return (tokens * this.#computedMs) / this.#computedTokens / this.options.workers;
  }

  #learn(tokens: number, ms: number): void {
    const kept = this.#computedTokens > MEMORY_TOKENS ? 0.5 : 1;
    this.#computedMs = kept * this.#computedMs + ms;
    this.#computedTokens = kept * this.#computedTokens + tokens;
  }
}
