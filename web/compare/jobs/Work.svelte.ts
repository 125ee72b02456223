import { isAbort, messageOf } from '../../../core/errors';

/** What does one thing at a time that takes a while, can be stopped, and may fail. */
export abstract class Work {
  #running: AbortController | undefined = $state.raw();
  #problem: string | undefined = $state();

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Why the latest did not come to its end; undefined where it did or was stopped. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Stops what is running and does this in its place. Resolves when it has ended in whatever way. */
  protected async do(job: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#problem = undefined;
    try {
      await job(running.signal);
    } catch (error) {
      if (!isAbort(error)) this.#problem = messageOf(error);
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  protected stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }
}
