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

/**
 * What a holder may have here, as a multiple of what is free (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions
 * on Networking 1998): an address of all that is free, a client of what its address may have beside what it has. An address
 * alone comes to three quarters of all, and n that want as much as they can get to 3 ÷ (3n + 1) each; clients of one address
 * leave a part of it free, too. So something is always left for whoever has little.
 */
const OF_WHAT_IS_FREE = { address: 3, client: 1 };

/** Whose a sample is. No client takes up all there is, and no address. */
export interface Holder {
  readonly client?: object | undefined;
  readonly address?: string | undefined;
}

/** Samples that are here, and their tokens. */
interface Presence {
  readonly samples: number;
  readonly tokens: number;
}

const NOTHING: Presence = { samples: 0, tokens: 0 };

/** Who may come in: as many samples as will be answered in reasonable time. */
export class Admission {
  /** By client, and by address. */
  readonly #holders = new Map<object | string, Presence>();
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
   * @throws DimeeError `OVERLOADED` where too much is here, or too much of that is its holder's.
   */
  enter(tokens: number, holder: Holder = {}): Admitted {
    const holders = [holder.address, holder.client].filter((one) => one !== undefined);
    if (this.#isFull(tokens, holder)) {
      const message = `This tier is full: ${this.#samples} samples of ${this.#tokens} tokens are here. Try again later.`;
      throw new DimeeError('OVERLOADED', message, { retryable: true, retryAfterMs: this.retryAfterMs });
    }
    this.#count(1, tokens, holders);
    let computedMs = 0;
    let isHere = true;
    return {
      computed: (ms) => void (computedMs += ms),
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#count(-1, -tokens, holders);
        if (computedMs > 0) this.#learn(tokens, computedMs);
      },
    };
  }

  #isFull(tokens: number, { client, address }: Holder): boolean {
    if (this.#samples === 0) return this.options.maxSamples === 0;
    const here = { samples: this.#samples, tokens: this.#tokens };
    if (this.#shareOf({ samples: here.samples + 1, tokens: here.tokens + tokens }) > 1) return true;
    const free = 1 - this.#shareOf(here);
    const ofAddress = address === undefined ? free : this.#leftOf(OF_WHAT_IS_FREE.address * free, address);
    return ofAddress <= 0 || (client !== undefined && this.#leftOf(OF_WHAT_IS_FREE.client * ofAddress, client) <= 0);
  }

  /** What a holder may have beside what it has. */
  #leftOf(allowed: number, holder: object | string): number {
    return allowed - this.#shareOf(this.#presenceOf(holder));
  }

  /** Of all that may be here: in samples, tokens or time, whichever is most. */
  #shareOf({ samples, tokens }: Presence): number {
    const { maxSamples, maxTokens, maxWaitMs } = this.options;
    return Math.max(samples / maxSamples, tokens / maxTokens, this.#msFor(tokens) / maxWaitMs);
  }

  #count(samples: number, tokens: number, holders: readonly (object | string)[]): void {
    this.#samples += samples;
    this.#tokens += tokens;
    for (const holder of holders) {
      const own = this.#presenceOf(holder);
      const then = { samples: own.samples + samples, tokens: own.tokens + tokens };
      if (then.samples > 0) this.#holders.set(holder, then);
      else this.#holders.delete(holder);
    }
  }

  #presenceOf(holder: object | string): Presence {
    return this.#holders.get(holder) ?? NOTHING;
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
