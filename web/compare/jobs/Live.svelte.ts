import { untrack } from 'svelte';
import { isAbort, messageOf } from '../../../core/errors';
import type { LabSetting } from '../../../core/lab/setting';
import type { Lab } from '../Lab.svelte';
import type { JobKind, LabJobs } from './jobs';

interface Made<Kind extends JobKind> {
  readonly setting: LabSetting;
  readonly job: LabJobs[Kind]['job'];
  readonly answer?: LabJobs[Kind]['answer'];
  readonly problem?: string;
}

interface LiveOptions<Kind extends JobKind> {
  /** What a job is about: the answer to an earlier one about the same stands until there is another. All alike if left out. */
  readonly subjectOf?: (job: LabJobs[Kind]['job']) => string;
  /** The setting matters as far as this looks at it. */
  readonly dependsOn?: (setting: LabSetting) => unknown;
}

/**
 * The answers to jobs, asked for anew whenever a job or the setting is another. One runs at a time in the order they are
 * wanted, so that answers keep coming while a slider is dragged, the first the soonest. To be made where a component is
 * set up, one for a kind of job.
 */
export class Live<Kind extends JobKind> {
  /** By subject. */
  #made: ReadonlyMap<string, Made<Kind>> = $state.raw(new Map());
  #isRunning = $state(false);
  readonly #closing = new AbortController();
  readonly #subjectOf: (job: LabJobs[Kind]['job']) => string;
  readonly #dependsOn: (setting: LabSetting) => unknown;

  /** `wanted` gives the same object for as long as a question is the same. */
  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly kind: Kind,
    private readonly wanted: () => readonly LabJobs[Kind]['job'][],
    { subjectOf = () => '', dependsOn = (setting) => setting }: LiveOptions<Kind> = {},
  ) {
    [this.#subjectOf, this.#dependsOn] = [subjectOf, dependsOn];
    $effect(() => {
      const next = this.#next;
      if (next !== undefined && !this.#isRunning) untrack(() => void this.#ask(next));
    });
    $effect(() => () => this.#closing.abort());
  }

  /** To the jobs wanted as far as they are there, in their order; some may be those of an earlier job or setting. */
  readonly answers: readonly LabJobs[Kind]['answer'][] = $derived.by(() =>
    this.#current.flatMap(({ answer }) => (answer === undefined ? [] : [answer])),
  );

  readonly problems: readonly string[] = $derived.by(() => this.#current.flatMap(({ problem }) => problem ?? []));

  /** To the latest job about a subject, as far as it is there. */
  about(subject: string): LabJobs[Kind]['answer'] | undefined {
    const made = this.#made.get(subject);
    return made?.setting.evaluation === this.lab.setting?.evaluation ? made?.answer : undefined;
  }

  /** Asks anew what has failed. */
  tryAgain(): void {
    this.#made = new Map([...this.#made].filter(([, { problem }]) => problem === undefined));
  }

  /** Whether there are still some to come. */
  get isBusy(): boolean {
    return this.#next !== undefined || this.#isRunning;
  }

  /** What was made of these rows. */
  get #current(): Made<Kind>[] {
    const found = this.wanted().flatMap((job) => this.#made.get(this.#subjectOf(job)) ?? []);
    return found.filter(({ setting }) => setting.evaluation === this.lab.setting?.evaluation);
  }

  get #next(): LabJobs[Kind]['job'] | undefined {
    const { setting } = this.lab;
    return setting && this.wanted().find((job) => !this.#isAnswered(job, setting));
  }

  #isAnswered(job: LabJobs[Kind]['job'], setting: LabSetting): boolean {
    const made = this.#made.get(this.#subjectOf(job));
    return made?.job === job && this.#dependsOn(made.setting) === this.#dependsOn(setting);
  }

  async #ask(job: LabJobs[Kind]['job']): Promise<void> {
    const { setting } = this.lab;
    if (!setting) return;
    this.#isRunning = true;
    const keep = (made: Pick<Made<Kind>, 'answer' | 'problem'>) =>
      (this.#made = new Map(this.#made).set(this.#subjectOf(job), { setting, job, ...made }));
    try {
      keep({ answer: await this.lab.compute(this.kind, job, this.#closing.signal) });
    } catch (error) {
      if (!isAbort(error)) keep({ problem: messageOf(error) });
    }
    if (!this.#closing.signal.aborted) this.#isRunning = false;
  }
}
