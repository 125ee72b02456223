import { DimeeError } from '../errors';
import { at } from '../numbers/at';
import { drawLot } from '../numbers/lots';
import type { Plan } from '../layers';
import { type Manifest, type ModelFile, taskOf } from '../model/manifest';
import { type PolicyChoice, resolvePolicy } from '../policies';
import { decisionIn } from '../policies/decision';
import { calibrateTrace } from './calibrated-trace';
import { PolicyFiles } from './policy-files';
import { replay, scoreTrace } from './replay';
import { decodeTrace } from './trace-file';

/** A model, and how its files are read. */
interface ModelFiles {
  readonly manifest: Manifest;
  readonly read: (file: ModelFile) => Promise<Uint8Array>;
}

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
  model: ModelFiles,
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
  model: ModelFiles,
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
  throw new DimeeError('BAD_CONFIGURATION', `${id} has no recorded dev split of ${task}.`);
}
