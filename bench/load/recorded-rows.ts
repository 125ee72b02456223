import { DimeeError } from '../../core/errors';
import { at } from '../../core/numbers/at';
import { drawLot } from '../../core/numbers/lots';
import type { Plan } from '../../core/layers';
import { type Manifest, taskOf } from '../../core/model/manifest';
import { type PolicyChoice, resolvePolicy } from '../../core/policies';
import { decisionIn } from '../../core/policies/decision';
import { calibrateTrace } from '../../core/trace/calibrated-trace';
import { PolicyFiles } from '../../core/trace/policy-files';
import { replay, scoreTrace } from '../../core/trace/replay';
import { decodeTrace } from '../../core/trace/trace-file';
import type { ModelFolder } from '../../edge-server/model-folder';

/** A row of a dev split, of which its trace tells the length and where it left. */
export interface RecordedRow {
  readonly task: string;
  readonly tokens: number;
  readonly exitLayer: number;
}

export interface RecordedRowsOptions {
  readonly tasks: readonly string[];
  readonly policyOf: (task: string) => PolicyChoice;
  readonly plan: Plan;
  readonly seed: number;
}

/**
 * Rows of the recorded dev splits, of the tasks in turn, with the layers at which they left by their policies.
 * @throws DimeeError where the model brings no trace of a task, or not what its policy needs.
 */
export async function drawRecordedRows(
  model: ModelFolder,
  count: number,
  { tasks, seed, ...options }: RecordedRowsOptions,
): Promise<RecordedRow[]> {
  const byTask = await Promise.all(tasks.map((task) => rowsOf(model, task, options)));
  return Array.from({ length: count }, (_, index) => {
    const rows = at(byTask, index % byTask.length);
    return at(rows, Math.floor(drawLot(seed, index, 2) * rows.length));
  });
}

async function rowsOf(
  model: ModelFolder,
  task: string,
  { policyOf, plan }: Pick<RecordedRowsOptions, 'policyOf' | 'plan'>,
): Promise<RecordedRow[]> {
  const { manifest } = model;
  const { traces, temperatures } = taskOf(manifest, task);
  const trace = decodeTrace(new Uint8Array(await model.read(recordedFile(manifest, task, traces.dev))));
  const { policy, parameters } = resolvePolicy(policyOf(task), manifest.layers);
  const fitted = await new PolicyFiles(manifest, (file) => model.read(file)).fittedFor(policy, task);
  const decision = decisionIn({ plan, layers: manifest.layers, fitted }, policy, parameters);
  const exitLayers = replay(scoreTrace(calibrateTrace(trace, temperatures), decision), decision);
  return Array.from(exitLayers, (exitLayer, row) => ({ task, tokens: at(trace.tokens, row), exitLayer }));
}

function recordedFile<File>({ id }: Manifest, task: string, file: File | undefined): File {
  if (file) return file;
  throw new DimeeError('BAD_CONFIGURATION', `${id} has no recorded dev split of ${task}. Take --exits policy.`);
}
