import { taskOf } from '../../core/model/manifest';
import { summariseExits } from '../../core/own-data/exit-record';
import type { OwnRows } from '../../core/own-data/own-rows';
import { availableRecorded, filesOf, whatIsMissing } from '../../core/policies/needs';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import { evaluate, type Evaluation } from '../../core/trace/evaluate';
import { type ExitView, viewOfEvaluation, viewOfExits } from '../state/exit-view';
import type { Fitting } from '../state/Fitting.svelte';
import type { Settings } from '../state/Settings.svelte';
import { goldOf, type OwnResult, sourceOf } from './OwnResult';

/** What a person's rows are answered under the settings as they are. */
export class OwnAnswers {
  constructor(
    private readonly settings: Settings,
    private readonly fitting: Pick<Fitting, 'decision' | 'problem'>,
    private readonly resultOf: () => OwnResult | undefined,
  ) {}

  /** The result, where it is of the task that the page is at. */
  readonly result: OwnResult | undefined = $derived.by(() => {
    const result = this.resultOf();
    return result?.task === this.settings.fields.task ? result : undefined;
  });

  /** Labels that people gave the rows. */
  readonly gold: Uint8Array | undefined = $derived.by(() => this.result && goldOf(this.result));

  /** The rows that were run, as they stand in their file. */
  readonly written: OwnRows | undefined = $derived.by(() => this.result && sourceOf(this.result));

  readonly calibrated: CalibratedTrace | undefined = $derived.by(() => {
    const trace = this.result?.trace;
    return trace && calibrateTrace(trace, taskOf(this.settings.manifest, trace.task).temperatures);
  });

  /** Why the policy says nothing of rows all exits of which are known. */
  readonly problem: string | undefined = $derived.by(() => {
    const { policy, task } = this.settings;
    const missing = this.calibrated && whatIsMissing(policy, availableRecorded(filesOf(task), this.calibrated.trace));
    return missing ?? this.fitting.problem;
  });

  /** Of rows all exits of which are known. */
  readonly evaluation: Evaluation | undefined = $derived.by(() => {
    const { decision } = this.fitting;
    if (!this.calibrated || !decision || this.problem !== undefined) return undefined;
    return evaluate(this.calibrated, decision, this.settings.costs);
  });

  /** Where rows were settled that were run no further, in numbers. */
  readonly exitSummary = $derived.by(() => {
    const { result, gold, settings } = this;
    return result?.exits && summariseExits(result.exits, gold, settings.manifest.layers, settings.costs);
  });

  /** Undefined until there is something to show. */
  readonly view: ExitView | undefined = $derived.by(() => {
    const { result, evaluation, exitSummary } = this;
    const asked = result?.rows && { of: result.rows.texts.length };
    if (evaluation) return { ...viewOfEvaluation(evaluation, this.gold !== undefined), ...asked };
    if (!result?.exits || !exitSummary) return undefined;
    return { ...viewOfExits(result.exits, exitSummary.summary, exitSummary.accuracy), ...asked };
  });
}
