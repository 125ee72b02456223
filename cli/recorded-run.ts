import { at } from '../core/numbers/at';
import { DEFAULT_COSTS } from '../core/cost';
import type { Contender } from '../core/lab/contenders';
import { decisionIn } from '../core/policies/decision';
import { TIERS } from '../core/layers';
import { type Manifest, taskOf } from '../core/model/manifest';
import type { Texts } from '../core/model/tokens';
import { type OnlinePolicy, OnlineRun } from '../core/online';
import type { Policy } from '../core/policies';
import { type CalibratedTrace, calibrateTrace, RecordedExit } from '../core/trace/calibrated-trace';
import { evaluate } from '../core/trace/evaluate';
import { TraceRecorder } from '../core/trace/record';
import type { EvaluateOptions } from './evaluate-options';
import type { Answer, Evaluation } from './evaluation';
import { learningOf } from './learning';
import type { Run } from './report';
import type { Walk, WalkEnd } from './row-walk';

const oneByOne: Walk = async (rows, answer, take) => {
  const { signal } = new AbortController();
  for (const [row, texts] of rows.entries()) take(row, await answer(texts, signal));
  return { failed: [], problem: undefined };
};

/**
 * Takes every row through all exits, and keeps what they said; `gold` has a label for each. `walk` decides how, and which
 * rows are left out.
 * @throws DimeeError `BAD_INPUT` where no row was recorded.
 */
export async function recordExits(
  evaluation: Pick<Evaluation, 'everyExit'>,
  rows: readonly Texts[],
  gold: readonly number[],
  { task: id, manifest }: { readonly task: string; readonly manifest: Manifest },
  walk: Walk = oneByOne,
): Promise<{ readonly recorded: CalibratedTrace; readonly rows: Uint32Array; readonly end: WalkEnd }> {
  const task = taskOf(manifest, id);
  const recorder = new TraceRecorder({ rows: rows.length, layers: manifest.layers, classes: task.labels.length });
  const end = await walk(
    rows,
    (texts, signal) => evaluation.everyExit(texts, signal),
    (row, result) => recorder.add(row, result),
  );
  if (recorder.count === 0 && end.problem !== undefined) throw end.problem;
  const about = { task: id, split: 'own rows', model: manifest.id, modelHash: manifest.hash };
  const recorded = calibrateTrace(recorder.trace(about, Uint8Array.from(gold)), task.temperatures);
  return { recorded, rows: recorder.rows(), end };
}

/** What a run over recorded exits takes place in; `hidden` is the model's numbers a token. */
type RecordedOptions = Pick<EvaluateOptions, 'policy' | 'plan' | 'stream'> & { readonly hidden: number };

/**
 * Runs a policy over recorded exits, with the default costs. Answers are in the order of the rows, pass after pass.
 * @throws DimeeError `BAD_INPUT` where the policy needs what was not recorded.
 */
export function runRecorded(recorded: CalibratedTrace, contender: Contender, options: RecordedOptions): Run {
  return contender.role === 'learner' ? learn(recorded, contender, options) : replay(recorded, contender, options);
}

function learn(
  recorded: CalibratedTrace,
  policy: OnlinePolicy,
  { policy: { parameters }, plan, stream, hidden }: RecordedOptions,
): Run {
  const { rows, layers, gold } = recorded.trace;
  const run = new OnlineRun(recorded, { policy, parameters, plan, hidden, costs: DEFAULT_COSTS, ...stream });
  const answers = new Array<Answer>(run.length);
  for (let pass = 1; pass <= stream.passes; pass++) {
    run.advance(rows, ({ row, arm, exitLayer, tier, cost }) => {
      const learnt = { pass, choice: at(run.arms, arm).name };
      answers[(pass - 1) * rows + row] = { ...exitsOf(recorded, row, exitLayer), tier, cost, learnt };
    });
  }
  return {
    ...{ answers, gold: answers.map((_, index) => at(gold, index % rows)) },
    learning: learningOf(run, stream, layers),
  };
}

function replay(
  recorded: CalibratedTrace,
  policy: Policy,
  { policy: { parameters }, plan }: Pick<EvaluateOptions, 'policy' | 'plan'>,
): Run {
  const { layers, gold } = recorded.trace;
  const decision = decisionIn({ plan, layers }, policy, parameters);
  const { exitLayers, tiers, costs } = evaluate(recorded, decision, DEFAULT_COSTS);
  const answers = Array.from(exitLayers, (layer, row) => ({
    ...exitsOf(recorded, row, layer),
    ...{ tier: at(TIERS, at(tiers, row)), cost: at(costs, row) },
  }));
  return { answers, gold: [...gold] };
}

/** What was answered at a layer, and what the last exit says. */
function exitsOf(recorded: CalibratedTrace, row: number, layer: number): Pick<Answer, 'exit' | 'lastExit'> {
  const { layers } = recorded.trace;
  const exitAt = (of: number) => new RecordedExit(recorded, row * layers + of - 1);
  return { exit: exitAt(layer), lastExit: exitAt(layers) };
}
