import { DimeeError } from '../errors';

export interface QueueOptions {
  /** Jobs that run at a time. */
  readonly lanes: number;
  /** Jobs that may wait beside those that run; without it, any number. */
  readonly maxQueue?: number;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/** What a job is taken to last, in milliseconds, before one has been measured. */
const ASSUMED_JOB_MS = 50;
const NEWEST_JOB_SHARE = 0.1;
const NEVER = new AbortController().signal;

/** Jobs in front of what runs a few at a time: first come, first served. */
export class Queue {
  /** Starts of the waiting jobs, in order. A set, so that any of them can leave at once. */
  readonly #waiting = new Set<() => void>();
  #running = 0;
  #meanJobMs = ASSUMED_JOB_MS;

  constructor(private readonly options: QueueOptions) {}

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#running;
  }

  /** Milliseconds until all that runs and waits now will be done, by the measured length of earlier jobs. */
  get retryAfterMs(): number {
    const jobs = Math.max(this.#running + this.#waiting.size, 1);
    return Math.ceil((jobs * this.#meanJobMs) / this.options.lanes);
  }

  /** Runs the job when its turn comes. One that is aborted while it waits leaves the queue at once. */
  readonly run = async <Result>(job: () => Promise<Result>, signal: AbortSignal = NEVER): Promise<Result> => {
    signal.throwIfAborted();
    await this.#turn(signal);
    const startedAt = this.options.now();
    try {
      const result = await job();
      this.#meanJobMs += NEWEST_JOB_SHARE * (this.options.now() - startedAt - this.#meanJobMs);
      return result;
    } finally {
      this.#leaveLane();
    }
  };

  #turn(signal: AbortSignal): Promise<void> {
    const { lanes, maxQueue = Number.POSITIVE_INFINITY } = this.options;
    if (this.#running < lanes) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.size >= maxQueue) {
      const message = `The queue is full: ${this.#running} samples run and ${maxQueue} wait. Try again later.`;
      throw new DimeeError('OVERLOADED', message, { retryable: true, retryAfterMs: this.retryAfterMs });
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(start);
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(start);
    });
  }

  /** Gives the lane to the job that has waited longest. */
  #leaveLane(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
