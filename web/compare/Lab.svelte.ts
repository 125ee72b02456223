import { DimeeError } from '../../core/errors';
import type { LabSetting, LabTraces } from '../../core/lab/setting';
import type { Texts } from '../../core/model/tokens';
import type { Fitted } from '../../core/policies/fitted';
import { ALL_FITTED } from '../../core/policies/needs';
import type { PolicyFiles } from '../../core/trace/policy-files';
import type { CalibratedTrace } from '../../core/trace/calibrated-trace';
import type { OwnAnswers } from '../own-data/OwnAnswers.svelte';
import type { DevSplit } from '../state/DevSplit.svelte';
import { Loaded } from '../state/Loaded.svelte';
import type { Settings } from '../state/Settings.svelte';
import { JobRunner, type JobWorker } from './jobs/job-runner';
import type { JobKind, LabJobs } from './jobs/jobs';

/** What the Lab reports on. */
export interface LabSource {
  /** Of a person's own rows their file's, else the task's. */
  readonly name: string;
  readonly trace: CalibratedTrace;
  /** Whether the right labels are known; where not, the last exit's stand in for them. */
  readonly isLabelled: boolean;
  /** A person's own rows, and not the dev split. */
  readonly isOwn: boolean;
  /** Row by row; undefined where they are not known, as of a dev split or of a run that was loaded. */
  readonly texts?: readonly Texts[] | undefined;
}

/** The Lab's state: what is reported on, what parameters are chosen on, and workers that compute with both. */
export class Lab {
  readonly #fitted: Loaded<string, Omit<LabTraces, 'evaluation'>>;
  readonly #runners = new Map<JobKind, JobRunner<JobKind>>();

  constructor(
    private readonly settings: Settings,
    private readonly devSplit: Pick<DevSplit, 'calibrated' | 'problem' | 'load'>,
    private readonly own: Pick<OwnAnswers, 'result' | 'calibrated' | 'written'>,
    files: Pick<PolicyFiles, 'fittedFor' | 'calibrationOf' | 'noisedOf'>,
    private readonly makeWorker: () => JobWorker = startWorker,
  ) {
    this.#fitted = new Loaded(
      async (task) => {
        const [fitted, calibration, noised] = await Promise.all([
          files.fittedFor(ALL_FITTED, task),
          files.calibrationOf(task),
          files.noisedOf(task),
        ]);
        return { fitted, calibration, noised };
      },
      (reason) => `What policies of this task were fitted to could not be loaded: ${reason}`,
    );
  }

  /** A person's own rows where the page shows those and every exit of theirs is known, else the task's dev split. */
  readonly source: LabSource | undefined = $derived.by(() => {
    const { fields, task } = this.settings;
    const { result, calibrated, written } = this.own;
    if (fields.source === 'file' && result && calibrated) {
      const { isLabelled } = calibrated.trace;
      return { name: result.name, trace: calibrated, isLabelled, isOwn: true, texts: written?.texts };
    }
    const trace = this.devSplit.calibrated;
    return trace && { name: task.name, trace, isLabelled: trace.trace.isLabelled, isOwn: false };
  });

  /** Whether the rows are a person's own. */
  get isOwn(): boolean {
    return this.source?.isOwn === true;
  }

  /** What the task's policies were fitted to, as far as the model brings it; undefined until that is here. */
  get fitted(): Fitted | undefined {
    return this.#fitted.value(this.settings.fields.task)?.fitted;
  }

  /** The split that parameters are chosen on. */
  get calibration(): CalibratedTrace | undefined {
    return this.#fitted.value(this.settings.fields.task)?.calibration;
  }

  /** Rows as people mistype them, where the model brings such. */
  get noised(): CalibratedTrace | undefined {
    return this.#fitted.value(this.settings.fields.task)?.noised;
  }

  /** Why there is nothing to report on. */
  get problem(): string | undefined {
    return this.#fitted.problem(this.settings.fields.task) ?? (this.source ? undefined : this.devSplit.problem);
  }

  readonly #traces: LabTraces | undefined = $derived.by(() => {
    const { source, calibration, noised, fitted } = this;
    return source && fitted && { evaluation: source.trace, calibration, noised, fitted };
  });

  /** What jobs take place in: another object whenever task, source, plan or costs are others. Undefined until all is here. */
  readonly setting: LabSetting | undefined = $derived.by(() => {
    const { plan, costs, manifest } = this.settings;
    return this.#traces && { ...this.#traces, layers: manifest.layers, hidden: manifest.hidden, plan, costs };
  });

  /** Fetches what could not be fetched. */
  async tryAgain(): Promise<void> {
    const { task } = this.settings.fields;
    await Promise.all([this.load(task), this.devSplit.load(task)]);
  }

  /** Fetches what the task's policies were fitted to, unless it is here already. */
  load(task: string): Promise<void> {
    return this.#fitted.load(task);
  }

  /**
   * Has a worker do a job under the current setting. A newer job of the same kind ends the older.
   * @throws AbortError where it was ended; DimeeError where it failed, `INTERNAL` where there is no setting yet.
   */
  async compute<Kind extends JobKind>(
    kind: Kind,
    job: LabJobs[Kind]['job'],
    signal?: AbortSignal,
  ): Promise<LabJobs[Kind]['answer']> {
    const { setting } = this;
    const traces = this.#traces;
    if (!setting || !traces) throw new DimeeError('INTERNAL', 'The Lab is asked before it has a setting.');
    const { layers, hidden, plan, costs } = setting;
    const request = { job: $state.snapshot(job) as LabJobs[Kind]['job'], setting: { layers, hidden, plan, costs } };
    return this.#runnerOf(kind).run(request, traces, signal);
  }

  #runnerOf<Kind extends JobKind>(kind: Kind): JobRunner<Kind> {
    const found = this.#runners.get(kind) ?? new JobRunner<JobKind>(kind, this.makeWorker);
    this.#runners.set(kind, found);
    return found as unknown as JobRunner<Kind>;
  }
}

function startWorker(): JobWorker {
  return new Worker(new URL('./jobs/lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' });
}
