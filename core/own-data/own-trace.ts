import { DimeeError } from '../errors';
import { type Manifest, taskOf } from '../model/manifest';
import { filesOf } from '../policies/needs';
import { decodeTrace, type Trace } from '../trace/trace-file';

/** What the file of a recorded run is called, after its dot. */
export const TRACE_EXTENSION = 'dmtr';

/** Whether a file is, or is meant to be, a recorded run. */
export function isTraceFile(name: string, bytes: Uint8Array): boolean {
  return name.endsWith(`.${TRACE_EXTENSION}`) || new TextDecoder().decode(bytes.subarray(0, 4)) === 'DMTR';
}

/**
 * Reads a recorded run that a person opens. `warning` says what is not as it should be, where that can be lived with.
 * @throws DimeeError `BAD_TRACE` for a damaged file, `BAD_INPUT` for one of a task or network that this model is not.
 */
export function openOwnTrace(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  manifest: Manifest,
): { readonly trace: Trace; readonly warning: string | undefined } {
  const trace = decodeTrace(bytes);
  checkFits(name, trace, manifest);
  checkNumbers(name, trace);
  const isSameModel = trace.modelHash === undefined ? trace.model === manifest.id : trace.modelHash === manifest.hash;
  const warnings = [isSameModel ? undefined : otherModel(name, trace, manifest), withoutPools(name, trace, manifest)];
  return { trace, warning: warnings.filter((warning) => warning !== undefined).join(' ') || undefined };
}

/** What a recorded run lacks for pool routing, in words; undefined where it lacks nothing, or the model has no pools. */
export function withoutPools(name: string, trace: Trace, manifest: Manifest): string | undefined {
  const hasPools = filesOf(taskOf(manifest, trace.task)).data !== undefined;
  if (!hasPools || (trace.poolDistances && trace.dynamicsDistances)) return undefined;
  return `“${name}” was recorded without distances to the model’s pools, so pool routing cannot be replayed on it. Run the rows again to have them.`;
}

/** @throws DimeeError `BAD_INPUT` for a task that the model does not have, or rows of another network. */
function checkFits(name: string, { task: id, layers, classes }: Trace, manifest: Manifest): void {
  if (!Object.hasOwn(manifest.tasks, id)) {
    const tasks = Object.values(manifest.tasks).map((task) => task.name);
    throw new DimeeError('BAD_INPUT', `“${name}” is of the task “${id}”; this model knows ${tasks.join(', ')}.`);
  }
  const { labels } = taskOf(manifest, id);
  if (layers === manifest.layers && classes === labels.length) return;
  const [found, expected] = [
    [layers, classes],
    [manifest.layers, labels.length],
  ].map(([first, second]) => `${first} layers and ${second} classes`);
  throw new DimeeError(
    'BAD_INPUT',
    `“${name}” has ${found} where this model has ${expected}. Record it with this model.`,
  );
}

function checkNumbers(name: string, { gold, classes, logits }: Trace): void {
  const areLabels = gold.every((label) => label < classes);
  if (areLabels && logits.every((logit) => Number.isFinite(logit))) return;
  const problem = areLabels ? 'logits that are no numbers' : 'labels that its task does not have';
  throw new DimeeError('BAD_TRACE', `“${name}” is damaged: it has ${problem}. Save it again where it was recorded.`);
}

function otherModel(name: string, { model, modelHash }: Trace, manifest: Manifest): string {
  const what =
    model === manifest.id ? `another version of ${model} (${modelHash?.slice(0, 8)})` : `another model, ${model}`;
  const consequence = `Its exits are calibrated for this one, ${manifest.id}, and may seem too sure or not sure enough.`;
  return `“${name}” was recorded with ${what}. ${consequence}`;
}
