import { isAbort, messageOf } from '../../../core/errors';
import { mistypedRows } from '../../../core/lab/changing-stream';
import type { OnlineJob, OnlineProgress } from '../../../core/lab/online';
import type { Settings } from '../../state/Settings.svelte';
import type { Lab } from '../Lab.svelte';
import { fittingSteps, restMs, SPEEDS, stepsOfSlice } from './online-pace';

/** Runs side by side, so that chance can be told from learning. */
export const RUNS = 5;
const FIRST_SLICE = 16;

/**
 * An online policy on its way through the rows, started and stopped by a person. To be made where a component is set up. It
 * forgets all where the Lab's setting or the policy's own is another: what was learnt does not hold there.
 */
export class OnlineLearner {
  #speed = $state(2);
  #progress: OnlineProgress | undefined = $state.raw();
  #problem: string | undefined = $state();
  /** What goes on; another or none as soon as it is to stop. */
  #running: AbortController | undefined = $state.raw();

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly settings: Pick<Settings, 'online'>,
    private readonly now: () => number = () => performance.now(),
    private readonly rest: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    $effect(() => {
      void [lab.setting, settings.online];
      return () => this.reset();
    });
  }

  /** A place in `SPEEDS`. */
  get speed(): number {
    return this.#speed;
  }

  /** Undefined before the first sample. */
  get progress(): OnlineProgress | undefined {
    return this.#progress;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isAtEnd(): boolean {
    return this.#progress !== undefined && this.#progress.steps >= this.#progress.length;
  }

  /** How many of the rows were recorded mistyped, too: a stream may change to those. */
  get mistypedRows(): number {
    return this.lab.setting ? mistypedRows(this.lab.setting) : 0;
  }

  /** Whether the stream is of those, as they stand and from half-way on mistyped. */
  get isChanging(): boolean {
    return this.settings.online.isChanging && this.mistypedRows > 0;
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  /** Goes on until it is paused or the stream is at its end. */
  start(): Promise<void> {
    return this.#run(async (running) => {
      let fitting = FIRST_SLICE;
      while (this.#running === running && !this.isAtEnd) {
        const perSecond = SPEEDS[this.#speed] ?? SPEEDS[0];
        const [steps, began] = [stepsOfSlice(perSecond, fitting), this.now()];
        await this.#advance(steps, running);
        const tookMs = this.now() - began;
        fitting = fittingSteps(steps, tookMs);
        await this.rest(restMs(perSecond, steps, tookMs));
      }
    });
  }

  /** Stops after the slice in hand: nothing that was learnt is lost. */
  pause(): void {
    this.#running = undefined;
  }

  /** One sample. */
  step(): Promise<void> {
    return this.#run((running) => this.#advance(1, running));
  }

  /** Forgets all that was learnt. */
  reset(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#progress = undefined;
    this.#problem = undefined;
  }

  /** The same stream from its beginning, with the same seed. */
  async replay(): Promise<void> {
    this.reset();
    await this.start();
  }

  /** Nothing where something goes on already, or the stream is at its end. */
  async #run(job: (running: AbortController) => Promise<void>): Promise<void> {
    if (this.#running || this.isAtEnd) return;
    const running = new AbortController();
    this.#running = running;
    await job(running);
    if (this.#running === running) this.#running = undefined;
  }

  async #advance(steps: number, running: AbortController): Promise<void> {
    const { setting } = this.lab;
    const { online } = this.settings;
    const { policy, parameters, seed, passes, delay } = online;
    const job: OnlineJob = {
      policy: { id: policy.id, parameters },
      ...{ isChanging: this.isChanging, delay },
      ...{ seed, runs: RUNS, passes, steps: (this.#progress?.steps ?? 0) + steps },
    };
    try {
      const progress = await this.lab.compute('online', job, running.signal);
      const isCurrent = this.lab.setting === setting && this.settings.online === online;
      if (!running.signal.aborted && isCurrent) this.#progress = progress;
    } catch (error) {
      if (isAbort(error)) return;
      this.#problem = messageOf(error);
      if (this.#running === running) this.#running = undefined;
    }
  }
}
