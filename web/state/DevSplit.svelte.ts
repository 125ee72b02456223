import type { CostWeights } from '../../core/cost';
import { DimeeError } from '../../core/errors';
import type { Decision } from '../../core/ladder/decision';
import { type Task, taskOf } from '../../core/model/manifest';
import type { Policy } from '../../core/policies';
import { qualityOf, type Quality, type RunSummary, summarise } from '../../core/summary';
import { type PreparedTrace, prepareTrace, replay } from '../../core/trace/replay';
import { decodeTrace, type Trace } from '../../core/trace/trace-file';
import type { Settings } from './Settings.svelte';

/** The public dev split of the chosen task, replayed under the current settings. */
export class DevSplit {
  #traces: ReadonlyMap<string, Trace> = $state.raw(new Map());
  #problem: string | undefined = $state();

  constructor(
    private readonly settings: Settings,
    private readonly modelUrl: URL,
  ) {}

  get problem() {
    return this.#problem;
  }

  /** Changes with task and policy only: a moved slider asks the rule, not the scores. */
  readonly #prepared: PreparedTrace | undefined = $derived.by(() => {
    const { task, policy } = this.settings;
    const trace = this.#traces.get(this.settings.fields.task);
    return trace && prepared(trace, task, policy);
  });

  readonly result: { readonly summary: RunSummary; readonly quality: Quality } | undefined = $derived.by(() =>
    this.#prepared ? evaluate(this.#prepared, this.settings.decision, this.settings.costs) : undefined,
  );

  /** Fetches a task's trace unless it is here already. */
  async load(task: string): Promise<void> {
    const file = taskOf(this.settings.manifest, task).traces.dev;
    if (!file || this.#traces.has(task)) return;
    try {
      const response = await fetch(new URL(`${file.path}?sha=${file.sha256.slice(0, 16)}`, this.modelUrl));
      if (!response.ok) throw new DimeeError('MODEL_UNAVAILABLE', `The server answered ${response.status}.`);
      const trace = decodeTrace(new Uint8Array(await response.arrayBuffer()));
      this.#traces = new Map(this.#traces).set(task, trace);
      this.#problem = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = `The recorded dev split could not be loaded: ${reason} Reload the page to try again.`;
    }
  }
}

/** Scores of a trace and policy, kept as long as the trace is. */
const cache = new WeakMap<Trace, Map<string, PreparedTrace>>();

function prepared(trace: Trace, task: Task, policy: Policy): PreparedTrace {
  const known = cache.get(trace) ?? new Map<string, PreparedTrace>();
  cache.set(trace, known);
  const found = known.get(policy.id) ?? prepareTrace(trace, task, policy);
  known.set(policy.id, found);
  return found;
}

function evaluate(trace: PreparedTrace, decision: Decision, costs: CostWeights) {
  const exitLayers = replay(trace, decision);
  return {
    summary: summarise(exitLayers, trace.layers, decision.stretches, costs),
    quality: qualityOf(exitLayers, trace.labels, trace.gold, trace.layers),
  };
}
