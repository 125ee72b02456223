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

/** What a sample is taken to compute, in milliseconds a token, before any has been measured. */
const ASSUMED_MS_PER_TOKEN = 0.5;
/** Tokens over which the speed is averaged: a second or two of a small machine under load. */
const MEMORY_TOKENS = 8192;
/** Waits are told from this multiple of the time to that one, so that those refused together do not come back together. */
const [SHORTEST, LONGEST] = [0.75, 1.25];

/** Who may come in: as many samples as will be answered in reasonable time. */
export class Admission {
  #samples = 0;
  #tokens = 0;
  /** Of samples that have left, decaying: what they computed, and their tokens. */
  #computedMs = 0;
  #computedTokens = 0;

  constructor(private readonly options: AdmissionOptions) {}

  get inside(): { readonly samples: number; readonly tokens: number } {
    return { samples: this.#samples, tokens: this.#tokens };
  }

  /** What a client that may not come in now is told to wait: about as long as all that is here will take. */
  get retryAfterMs(): number {
    const waitMs = this.#msFor(Math.max(this.#tokens, 1));
    return Math.ceil(waitMs * (SHORTEST + (LONGEST - SHORTEST) * this.options.random()));
  }

  /** @throws DimeeError `OVERLOADED` where too much is here. */
  enter(tokens: number): Admitted {
    if (this.#isFull(tokens)) {
      const message = `This tier is full: ${this.#samples} samples of ${this.#tokens} tokens are here. Try again later.`;
      throw new DimeeError('OVERLOADED', message, { retryable: true, retryAfterMs: this.retryAfterMs });
    }
    this.#samples++;
    this.#tokens += tokens;
    let computedMs = 0;
    let isHere = true;
    return {
      computed: (ms) => void (computedMs += ms),
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#samples--;
        this.#tokens -= tokens;
        if (computedMs > 0) this.#learn(tokens, computedMs);
      },
    };
  }

  #isFull(tokens: number): boolean {
    const { maxSamples, maxTokens, maxWaitMs } = this.options;
    if (this.#samples === 0) return maxSamples === 0;
    const then = this.#tokens + tokens;
    return (
      this.#samples >= maxSamples || then > maxTokens || (this.#computedTokens > 0 && this.#msFor(then) > maxWaitMs)
    );
  }

  #msFor(tokens: number): number {
    const msPerToken = this.#computedTokens > 0 ? this.#computedMs / this.#computedTokens : ASSUMED_MS_PER_TOKEN;
    return (tokens * msPerToken) / this.options.workers;
  }

  #learn(tokens: number, ms: number): void {
    const kept = this.#computedTokens > MEMORY_TOKENS ? 0.5 : 1;
    this.#computedMs = kept * this.#computedMs + ms;
    this.#computedTokens = kept * this.#computedTokens + tokens;
  }
}
