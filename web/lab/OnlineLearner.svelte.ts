import { isAbort, messageOf } from '../../core/errors';
import type { OnlineJob, OnlineProgress } from '../../core/lab/online';
import { type OnlinePolicy, onlinePolicyById } from '../../core/online';
import { defaultParameters, type PolicyParameters } from '../../core/policies';
import type { Lab } from './Lab.svelte';
import { fittingSteps, restMs, SPEEDS, stepsOfSlice } from './online-pace';

/** Runs side by side, so that chance can be told from learning. */
export const RUNS = 5;
const FIRST_SLICE = 16;
const FIRST_POLICY = 'splitee';

/** An online policy on its way through the rows, as it is set, started and stopped by a person. */
export class OnlineLearner {
  #policy: OnlinePolicy = $state.raw(onlinePolicyById(FIRST_POLICY));
  /** By policy. */
  #parameters: Readonly<Record<string, PolicyParameters>> = $state.raw({});
  #seed = $state(1);
  #passes = $state(1);
  #speed = $state(2);
  #progress: OnlineProgress | undefined = $state.raw();
  #problem: string | undefined = $state();
  /** What goes on; another or none as soon as it is to stop. */
  #running: AbortController | undefined = $state.raw();

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly now: () => number = () => performance.now(),
    private readonly rest: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {}

  get policy(): OnlinePolicy {
    return this.#policy;
  }

  readonly parameters: PolicyParameters = $derived.by(() => ({
    ...defaultParameters(this.#policy),
    ...this.#parameters[this.#policy.id],
  }));

  get seed(): number {
    return this.#seed;
  }

  get passes(): number {
    return this.#passes;
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

  /** Another policy, or another of its settings, begins anew. */
  choosePolicy(id: string): void {
    this.reset();
    this.#policy = onlinePolicyById(id);
  }

  setParameters(change: PolicyParameters): void {
    this.reset();
    this.#parameters = { ...this.#parameters, [this.#policy.id]: { ...this.parameters, ...change } };
  }

  setSeed(seed: number): void {
    this.reset();
    this.#seed = seed;
  }

  setPasses(passes: number): void {
    this.reset();
    this.#passes = passes;
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  /** Goes on until it is paused or the stream is at its end. */
  async start(): Promise<void> {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    let fitting = FIRST_SLICE;
    while (this.#running === running && !this.isAtEnd) {
      const { perSecond } = SPEEDS[this.#speed] ?? SPEEDS[0];
      const [steps, began] = [stepsOfSlice(perSecond, fitting), this.now()];
      await this.#advance(steps, running);
      const tookMs = this.now() - began;
      fitting = fittingSteps(steps, tookMs);
      await this.rest(restMs(perSecond, steps, tookMs));
    }
    if (this.#running === running) this.#running = undefined;
  }

  /** Stops after the slice in hand: nothing that was learnt is lost. */
  pause(): void {
    this.#running = undefined;
  }

  /** One sample. */
  async step(): Promise<void> {
    if (this.#running || this.isAtEnd) return;
    const running = new AbortController();
    this.#running = running;
    await this.#advance(1, running);
    if (this.#running === running) this.#running = undefined;
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

  async #advance(steps: number, running: AbortController): Promise<void> {
    const { setting } = this.lab;
    const job: OnlineJob = {
      policy: { id: this.#policy.id, parameters: this.parameters },
      ...{ seed: this.#seed, runs: RUNS, passes: this.#passes, steps: (this.#progress?.steps ?? 0) + steps },
    };
    try {
      const progress = await this.lab.compute('online', job, running.signal);
      if (!running.signal.aborted && this.lab.setting === setting) this.#progress = progress;
    } catch (error) {
      if (isAbort(error)) return;
      this.#problem = messageOf(error);
      if (this.#running === running) this.#running = undefined;
    }
  }
}
