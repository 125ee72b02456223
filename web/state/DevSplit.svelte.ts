import { messageOf } from '../../core/errors';
import { taskOf } from '../../core/model/manifest';
import { availableRecorded, filesOf, whatIsMissing } from '../../core/policies/needs';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import { evaluate, type Evaluation } from '../../core/trace/evaluate';
import { decodeTrace } from '../../core/trace/trace-file';
import type { Fitting } from './Fitting.svelte';
import { fetchModelFile } from './model-file';
import type { Settings } from './Settings.svelte';

/** The public dev split of the chosen task, replayed under the current settings. */
export class DevSplit {
  #traces: ReadonlyMap<string, CalibratedTrace> = $state.raw(new Map());
  #problem: string | undefined = $state();

  constructor(
    private readonly settings: Settings,
    private readonly fitting: Fitting,
    private readonly modelUrl: URL,
  ) {}

  get problem() {
    return this.#problem;
  }

  /** The recorded split of the chosen task; undefined until it is here. */
  get calibrated(): CalibratedTrace | undefined {
    return this.#traces.get(this.settings.fields.task);
  }

  /** Why the policy cannot be replayed on what was recorded. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, fields, task } = this.settings;
    const calibrated = this.#traces.get(fields.task);
    return calibrated && whatIsMissing(policy, availableRecorded(filesOf(task), calibrated.trace));
  });

  readonly result: Evaluation | undefined = $derived.by(() => {
    const calibrated = this.#traces.get(this.settings.fields.task);
    const { decision } = this.fitting;
    if (!calibrated || !decision || this.policyProblem !== undefined) return undefined;
    return evaluate(calibrated, decision, this.settings.costs);
  });

  /** Fetches a task's trace unless it is here already. */
  async load(task: string): Promise<void> {
    const { traces, temperatures } = taskOf(this.settings.manifest, task);
    if (!traces.dev || this.#traces.has(task)) return;
    try {
      const trace = calibrateTrace(decodeTrace(await fetchModelFile(traces.dev, this.modelUrl)), temperatures);
      this.#traces = new Map(this.#traces).set(task, trace);
      this.#problem = undefined;
    } catch (error) {
      const reason = messageOf(error);
      this.#problem = `The recorded dev split could not be loaded: ${reason} Reload the page to try again.`;
    }
  }
}
