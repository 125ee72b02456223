import type { PageMessage, WorkerMessage } from '../../core/protocol/page-messages';

/** The part of a `Worker` that the page needs. */
export type TierWorker = Pick<Worker, 'postMessage' | 'onmessage' | 'onerror' | 'onmessageerror' | 'terminate'>;

export interface WorkerListener {
  received(message: WorkerMessage): void;
  /** It does no more, and will not be heard of again. */
  died(reason: string): void;
}

/** Between two pings, while somebody waits for the worker. */
const PING_MS = 2000;
/**
 * Pings without a word from it after which it counts as dead. A worker that closes itself tells nobody. Pings are counted and
 * not seconds: a machine that slept has lost no more than one.
 */
const MOST_UNANSWERED = {
  /** Nothing holds up a start for long, but making a thread's worker does for ever in Firefox 153, once in thirty times. */
  starting: 5,
  /** The longest layer known takes 5 s. */
  running: 10,
  /** Its script may come over a slow line. */
  fetched: 30,
};

/** A worker whose end is noticed, however it ends. */
export class WatchedWorker {
  readonly #worker: TierWorker;
  #pings: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #mostUnanswered = MOST_UNANSWERED.running;
  #hasSpoken = false;

  constructor(
    start: () => TierWorker,
    private readonly listener: WorkerListener,
  ) {
    this.#worker = start();
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      this.#unanswered = 0;
      this.#hasSpoken = true;
      listener.received(data);
    };
    this.#worker.onerror = ({ message }) =>
      this.#die(message ? `The worker failed: ${message.replace(/\.$/, '')}.` : 'The worker could not be started.');
    this.#worker.onmessageerror = () => this.#die('The worker said what cannot be read.');
  }

  /** It has started, if nothing more. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  post(message: PageMessage): void {
    this.#worker.postMessage(message);
  }

  /** What somebody waits for, so that its end must be noticed. */
  watch(awaited: 'starting' | 'running' | undefined): void {
    if (awaited) {
      this.#mostUnanswered = MOST_UNANSWERED[awaited];
      this.#pings ??= setInterval(() => this.#ping(), PING_MS);
    } else {
      clearInterval(this.#pings);
      this.#pings = undefined;
      this.#unanswered = 0;
    }
  }

  end(): void {
    this.watch(undefined);
    this.#worker.onmessage = this.#worker.onerror = this.#worker.onmessageerror = null;
    this.#worker.terminate();
  }

  #ping(): void {
    if (this.#unanswered >= (this.#hasSpoken ? this.#mostUnanswered : MOST_UNANSWERED.fetched)) {
      return this.#die('The worker does not answer any more.');
    }
    this.#unanswered++;
    this.post({ type: 'ping' });
  }

  #die(reason: string): void {
    this.end();
    this.listener.died(reason);
  }
}
