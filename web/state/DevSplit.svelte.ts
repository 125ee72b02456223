import { type ModelFile, taskOf } from '../../core/model/manifest';
import { availableRecorded, filesOf, whatIsMissing } from '../../core/policies/needs';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import { evaluate, type Evaluation } from '../../core/trace/evaluate';
import { decodeTrace } from '../../core/trace/trace-file';
import type { Fitting } from './Fitting.svelte';
import { Loaded } from './Loaded.svelte';
import type { Settings } from './Settings.svelte';

/** The public dev split of the chosen task, replayed under the current settings. */
export class DevSplit {
  readonly #traces: Loaded<string, CalibratedTrace | undefined>;

  constructor(
    private readonly settings: Settings,
    private readonly fitting: Pick<Fitting, 'decision'>,
    private readonly read: (file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>,
  ) {
    this.#traces = new Loaded(
      (task) => this.#traceOf(task),
      (reason) => `The recorded dev split could not be loaded: ${reason}`,
    );
  }

  get problem(): string | undefined {
    return this.#traces.problem(this.settings.fields.task);
  }

  /** The recorded split of the chosen task; undefined until it is here. */
  get calibrated(): CalibratedTrace | undefined {
    return this.#traces.value(this.settings.fields.task);
  }

  /** Why the policy cannot be replayed on what was recorded. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, task } = this.settings;
    return this.calibrated && whatIsMissing(policy, availableRecorded(filesOf(task), this.calibrated.trace));
  });

  readonly result: Evaluation | undefined = $derived.by(() => {
    const { calibrated } = this;
    const { decision } = this.fitting;
    if (!calibrated || !decision || this.policyProblem !== undefined) return undefined;
    return evaluate(calibrated, decision, this.settings.costs);
  });

  /** Fetches a task's trace unless it is here already. */
  load(task: string): Promise<void> {
    return this.#traces.load(task);
  }

  async #traceOf(task: string): Promise<CalibratedTrace | undefined> {
    const { traces, temperatures } = taskOf(this.settings.manifest, task);
    return traces.dev && calibrateTrace(decodeTrace(await this.read(traces.dev)), temperatures);
  }
}
