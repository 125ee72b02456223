import type { CostWeights } from '../cost';
import type { Plan } from '../layers';
import { type Manifest, type ModelFile, type Task, taskOf } from '../model/manifest';
import { ALL_FITTED } from '../policies/needs';
import { PolicyFiles } from '../trace/policy-files';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import type { Aim } from '../tuning/optimise';
import { decodeTrace } from '../trace/trace-file';
import { type Contender, tryContender } from './contenders';
import type { TrialSetting } from './policy-trial';
import { meanOf, type Measured, measure, type MeanRow, type TaskRow } from './trial-result';

export interface ComparisonOptions {
  readonly manifest: Manifest;
  readonly read: (file: ModelFile) => Promise<Uint8Array>;
  /** Ids of tasks. */
  readonly tasks: readonly string[];
  readonly policies: readonly Contender[];
  readonly plan: Plan;
  readonly costs: CostWeights;
  readonly aim: Aim;
}

export interface Comparison {
  /** Empty where there is one task. */
  readonly means: readonly MeanRow[];
  readonly tasks: readonly TaskRow[];
}

/**
 * Measures policies on tasks: parameters are chosen on the calibration split, results are of the dev split. Of
 * policies that learn on the way, the price of cost is chosen there, and they begin on the dev split knowing nothing.
 * @throws DimeeError `BAD_INPUT` for a task that the model does not have, and what reading its files throws.
 */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  const policyFiles = new PolicyFiles(options.manifest, options.read);
  const measured: Measured[] = [];
  for (const task of options.tasks) measured.push(...(await measureTask(task, options, policyFiles)));
  const means = options.tasks.length > 1 ? options.policies.map(({ id }) => meanOf(id, measured)) : [];
  return { means, tasks: measured.map(({ row }) => row) };
}

async function measureTask(id: string, options: ComparisonOptions, policyFiles: PolicyFiles): Promise<Measured[]> {
  const setting = await settingOf(id, options, policyFiles);
  return measure(
    id,
    options.policies.map((policy) => tryContender(policy, setting, options.aim)),
  );
}

/**
 * All that trials of a task take place in.
 * @throws DimeeError `BAD_INPUT` for a task that the model does not have, and what reading its files throws.
 */
export async function settingOf(
  id: string,
  { manifest, read, plan, costs }: Pick<ComparisonOptions, 'manifest' | 'read' | 'plan' | 'costs'>,
  policyFiles = new PolicyFiles(manifest, read),
): Promise<TrialSetting> {
  const evaluation = await readDev(taskOf(manifest, id), read);
  const fitted = await policyFiles.fittedFor(ALL_FITTED, id);
  const [calibration, noised] = [await policyFiles.calibrationOf(id), await policyFiles.noisedOf(id)];
  return { evaluation, calibration, noised, fitted, layers: manifest.layers, hidden: manifest.hidden, plan, costs };
}

async function readDev(
  { traces, temperatures }: Task,
  read: ComparisonOptions['read'],
): Promise<CalibratedTrace | undefined> {
  return traces.dev && calibrateTrace(decodeTrace(new Uint8Array(await read(traces.dev))), temperatures);
}
