import type { CostWeights } from '../../core/cost';
import type { Decision } from '../../core/ladder/decision';
import { taskOf } from '../../core/model/manifest';
import { availableRecorded, filesOf, whatIsMissing } from '../../core/policies/needs';
import { qualityOf, type Quality, type RunSummary, summarise } from '../../core/summary';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import { replay, type ScoredTrace, scoreKey, scoreTrace } from '../../core/trace/replay';
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

  /** Why the policy cannot be replayed on what was recorded. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, fields, task } = this.settings;
    const calibrated = this.#traces.get(fields.task);
    return calibrated && whatIsMissing(policy, availableRecorded(filesOf(task), calibrated.trace));
  });

  readonly result: { readonly summary: RunSummary; readonly quality: Quality } | undefined = $derived.by(() => {
    const calibrated = this.#traces.get(this.settings.fields.task);
    const { decision } = this.fitting;
    if (!calibrated || !decision || this.policyProblem !== undefined) return undefined;
    return evaluate(scored(calibrated, decision), decision, this.settings.costs);
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
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = `The recorded dev split could not be loaded: ${reason} Reload the page to try again.`;
    }
  }
}

/** The latest scores of each policy, kept as long as the trace is. */
const cache = new WeakMap<CalibratedTrace, Map<string, { readonly key: string; readonly scored: ScoredTrace }>>();

/** A moved slider asks the thresholds alone, unless its parameter shapes the scores. */
function scored(calibrated: CalibratedTrace, decision: Decision): ScoredTrace {
  const known = cache.get(calibrated) ?? new Map<string, { key: string; scored: ScoredTrace }>();
  cache.set(calibrated, known);
  const key = scoreKey(decision);
  const latest = known.get(decision.policy.id);
  if (latest?.key === key) return latest.scored;
  const scored = scoreTrace(calibrated, decision);
  known.set(decision.policy.id, { key, scored });
  return scored;
}

function evaluate(trace: ScoredTrace, decision: Decision, costs: CostWeights) {
  const exitLayers = replay(trace, decision);
  return {
    summary: summarise(exitLayers, trace.layers, decision.stretches, costs),
    quality: qualityOf(exitLayers, trace.labels, trace.gold, trace.layers),
  };
}
