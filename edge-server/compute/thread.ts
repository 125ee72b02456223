import { Worker } from 'node:worker_threads';
import { DimeeError, messageOf } from '../../core/errors';
import type { EngineOptions } from './engine';
import type { ComputeWorker, Done, JobKind, Jobs, Reply } from './jobs';

/** Tells a thread to end. */
export const CLOSE = 'close';
/** Milliseconds that a thread has to end by itself: a long layer may have to be finished. */
const CLOSE_MS = 1000;

/** What a thread is started with. */
export interface ThreadData {
  readonly options: EngineOptions;
  /** In shared memory: see `Engine`. */
  readonly interrupted: Int32Array;
}

interface Pending {
  readonly resolve: (done: Done) => void;
  readonly reject: (error: unknown) => void;
}

/** An `Engine` on a thread of its own. */
export class Thread implements ComputeWorker {
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #interrupted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #pending: Pending | undefined;
  #problem = 'it ended';
  #hasEnded = false;

  constructor(options: EngineOptions) {
    const workerData: ThreadData = { options, interrupted: this.#interrupted };
    this.#worker = new Worker(new URL('thread-entry.mjs', import.meta.url), { workerData });
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error) => (this.#problem = messageOf(error)));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#lose();
        resolve();
      });
    });
  }

  do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>> {
    return new Promise((resolve, reject) => {
      if (this.#pending) throw new DimeeError('INTERNAL', 'A worker does one job at a time.');
      if (this.#hasEnded) throw this.#lost();
      // Its answer is that of the kind it was asked.
      this.#pending = { resolve: resolve as Pending['resolve'], reject };
      Atomics.store(this.#interrupted, 0, 0);
      this.#worker.postMessage({ kind, asked });
    });
  }

  interrupt(): void {
    Atomics.store(this.#interrupted, 0, 1);
  }

  async close(): Promise<void> {
    this.#worker.postMessage(CLOSE);
    const overdue = setTimeout(() => void this.end(), CLOSE_MS);
    await this.ended;
    clearTimeout(overdue);
  }

  /** Ends it as it is, once what it computes natively is over. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if ('done' in reply) pending?.resolve(reply.done);
    else pending?.reject(DimeeError.from(reply.error));
  }

  #lose(): void {
    this.#hasEnded = true;
    this.#pending?.reject(this.#lost());
    this.#pending = undefined;
  }

  #lost(): DimeeError {
    const message = `A worker was lost while it computed (${this.#problem}). Try again.`;
    return new DimeeError('RUNTIME_LOST', message, { retryable: true });
  }
}
