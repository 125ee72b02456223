import { untrack } from 'svelte';
import { isAbort, messageOf } from '../../../core/errors';
import type { LabSetting } from '../../../core/lab/setting';
import type { Lab } from '../Lab.svelte';
import type { JobKind, LabJobs } from './jobs';

interface LiveAnswer<Kind extends JobKind> {
  readonly setting: LabSetting;
  readonly job: LabJobs[Kind]['job'];
  readonly answer: LabJobs[Kind]['answer'] | undefined;
  readonly problem: string | undefined;
}

/**
 * The answer to a job, asked for anew whenever the job or the setting is another. One runs at a time, so that answers keep
 * coming while a slider is dragged. To be made where a component is set up, one for a kind of job.
 */
export class Live<Kind extends JobKind> {
  #made: LiveAnswer<Kind> | undefined = $state.raw();
  #isRunning = $state(false);
  readonly #closing = new AbortController();

  /**
   * `job` gives the same object for as long as the question is the same, and undefined where there is none. The setting
   * matters as far as `dependsOn` looks at it.
   */
  constructor(
    private readonly lab: Lab,
    private readonly kind: Kind,
    private readonly job: () => LabJobs[Kind]['job'] | undefined,
    private readonly dependsOn: (setting: LabSetting) => unknown = (setting) => setting,
  ) {
    $effect(() => {
      if (this.#isDue()) untrack(() => void this.#ask());
    });
    $effect(() => () => this.#closing.abort());
  }

  /** The latest answer; undefined until there is one of these rows. */
  get answer(): LabJobs[Kind]['answer'] | undefined {
    return this.#current?.answer;
  }

  /** What `answer` is the answer to. */
  get answered(): LabJobs[Kind]['job'] | undefined {
    return this.#current?.job;
  }

  get problem(): string | undefined {
    return this.#current?.problem;
  }

  /** Whether the answer is that of an earlier job or setting. */
  get isStale(): boolean {
    return this.#isRunning || this.#isDue();
  }

  get #current(): LiveAnswer<Kind> | undefined {
    return this.#made?.setting.evaluation === this.lab.setting?.evaluation ? this.#made : undefined;
  }

  #isDue(): boolean {
    const { setting } = this.lab;
    const job = this.job();
    if (!setting || !job || this.#isRunning) return false;
    return this.#made?.job !== job || this.dependsOn(this.#made.setting) !== this.dependsOn(setting);
  }

  async #ask(): Promise<void> {
    const { setting } = this.lab;
    const job = this.job();
    if (!setting || !job) return;
    this.#isRunning = true;
    try {
      const answer = await this.lab.compute(this.kind, job, this.#closing.signal);
      this.#made = { setting, job, answer, problem: undefined };
    } catch (error) {
      if (!isAbort(error)) this.#made = { setting, job, answer: undefined, problem: messageOf(error) };
    }
    if (!this.#closing.signal.aborted) this.#isRunning = false;
  }
}
