import { bootstrapMeans, type Interval, percentileInterval } from '../core/bootstrap';
import type { CostWeights } from '../core/cost';
import { DimeeError } from '../core/errors';
import { type Plan, type TierName, TIERS } from '../core/layers';
import { type Manifest, type ModelFile, type Task, taskOf } from '../core/model/manifest';
import type { PolicyParameters } from '../core/policies';
import { drawLot } from '../core/policies/lots';
import { PolicyFiles } from '../core/policies/policy-files';
import { type CalibratedTrace, calibrateTrace } from '../core/trace/calibrated-trace';
import type { Aim } from '../core/trace/optimise';
import { decodeTrace } from '../core/trace/trace-file';
import { type Contender, type Trial, type TrialOutcome, tryContender } from './policy-trial';

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

/** What a policy does on the dev split of a task, or on average over tasks. Intervals are 95 %. */
export interface Result {
  /** 0 to 1. */
  readonly accuracy: number;
  /** Accuracy at the last exit less this one, in points. */
  readonly lossPoints: number;
  readonly lossInterval: Interval;
  /** Against all cloud. */
  readonly costCutPercent: number;
  readonly costCutInterval: Interval;
  /** Of all layers, on average over samples. */
  readonly layersSaved: number;
  /** Of the samples that left at each tier, 0 to 1. */
  readonly shares: Readonly<Record<TierName, number>>;
}

/** One policy on one task. */
export interface TaskRow {
  readonly task: string;
  readonly policy: string;
  /** Rows of the dev split; 0 where the policy lacks something. */
  readonly rows: number;
  readonly result: Result | null;
  /** Chosen on the calibration split. */
  readonly parameters: PolicyParameters;
  /** Whether they keep to the aim there; null where there was nothing to choose. */
  readonly isAimReached: boolean | null;
  /** What the policy needs and the model does not bring, in words. */
  readonly missing: string | null;
}

/** One policy on average over the tasks that it was measured on, each counting alike. */
export interface MeanRow {
  readonly policy: string;
  readonly tasks: readonly string[];
  readonly result: Result | null;
}

export interface Comparison {
  /** Empty where there is one task. */
  readonly means: readonly MeanRow[];
  readonly tasks: readonly TaskRow[];
}

const REPLICATES = 1000;
/** Of the bootstrap; any number would do. */
const SEED = 1;

/**
 * Measures policies on tasks: parameters are chosen on the calibration split, results are of the dev split.
 * @throws DimeeError `BAD_INPUT` for a task or a plan that the model does not have, and what reading its files throws.
 */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  checkPlan(options);
  const policyFiles = new PolicyFiles(options.manifest, options.read);
  const measured: Measured[] = [];
  for (const task of options.tasks) measured.push(...(await measureTask(task, options, policyFiles)));
  const means = options.tasks.length > 1 ? options.policies.map(({ id }) => meanOf(id, measured)) : [];
  return { means, tasks: measured.map(({ row }) => row) };
}

interface Measured {
  readonly row: TaskRow;
  readonly replicates: Replicates | undefined;
}

/** What the bootstrap made of a result. */
interface Replicates {
  readonly lossPoints: Float64Array;
  readonly costCutPercent: Float64Array;
}

async function measureTask(id: string, options: ComparisonOptions, policyFiles: PolicyFiles): Promise<Measured[]> {
  const { manifest, plan, costs, aim } = options;
  const dev = await readDev(taskOf(manifest, id), options.read);
  const fitted = await policyFiles.fittedFor({ needs: ['policyData', 'calibration'] }, id);
  const setting = { dev, fitted, layers: manifest.layers, plan, costs, aim };
  const trials = options.policies.map((policy) => tryContender(policy, setting));
  const replicates = replicatesOf(trials.flatMap(({ outcome }) => outcome ?? []));
  return trials.map((trial) => measuredOf(id, trial, trial.outcome ? replicates.get(trial.outcome) : undefined));
}

async function readDev(
  { traces, temperatures }: Task,
  read: ComparisonOptions['read'],
): Promise<CalibratedTrace | undefined> {
  return traces.dev && calibrateTrace(decodeTrace(new Uint8Array(await read(traces.dev))), temperatures);
}

/** Every outcome on the same rows drawn anew. */
function replicatesOf(outcomes: readonly TrialOutcome[]): ReadonlyMap<TrialOutcome, Replicates> {
  let draws = 0;
  const columns = outcomes.flatMap(({ lossPoints, costCutPercent }) => [lossPoints, costCutPercent]);
  const means = bootstrapMeans(columns, REPLICATES, () => drawLot(SEED, draws++));
  const none = new Float64Array();
  return new Map(
    outcomes.map((outcome, index) => [
      outcome,
      { lossPoints: means[2 * index] ?? none, costCutPercent: means[2 * index + 1] ?? none },
    ]),
  );
}

function measuredOf(task: string, trial: Trial, replicates: Replicates | undefined): Measured {
  const { policy, outcome, parameters, isAimReached, missing } = trial;
  const row = { task, policy: policy.id, rows: outcome?.summary.rows ?? 0, parameters, isAimReached, missing };
  if (!outcome || !replicates) return { row: { ...row, result: null }, replicates: undefined };
  return { row: { ...row, result: { ...pointEstimates(outcome), ...intervalsOf(replicates) } }, replicates };
}

type Intervals = Pick<Result, 'lossInterval' | 'costCutInterval'>;

function pointEstimates({ summary, quality }: TrialOutcome): Omit<Result, keyof Intervals> {
  const { rows, exitsByLayer, exitsByTier, meanLayers, costCutPercent } = summary;
  return {
    accuracy: quality.accuracy,
    lossPoints: 100 * (quality.accuracyAtLastExit - quality.accuracy),
    costCutPercent,
    layersSaved: exitsByLayer.length - meanLayers,
    shares: byTier((tier) => exitsByTier[tier] / rows),
  };
}

function intervalsOf({ lossPoints, costCutPercent }: Replicates): Intervals {
  return { lossInterval: percentileInterval(lossPoints), costCutInterval: percentileInterval(costCutPercent) };
}

function meanOf(policy: string, measured: readonly Measured[]): MeanRow {
  const ofPolicy = measured.flatMap(({ row, replicates }) =>
    row.policy === policy && row.result && replicates ? [{ task: row.task, result: row.result, replicates }] : [],
  );
  const tasks = ofPolicy.map(({ task }) => task);
  if (ofPolicy.length === 0) return { policy, tasks, result: null };
  const mean = (valueOf: (result: Result) => number) =>
    ofPolicy.reduce((sum, { result }) => sum + valueOf(result), 0) / ofPolicy.length;
  const meanReplicates = (key: keyof Replicates) =>
    Float64Array.from(
      { length: REPLICATES },
      (_, index) => ofPolicy.reduce((sum, { replicates }) => sum + (replicates[key][index] ?? 0), 0) / ofPolicy.length,
    );
  return {
    policy,
    tasks,
    result: {
      accuracy: mean(({ accuracy }) => accuracy),
      lossPoints: mean(({ lossPoints }) => lossPoints),
      costCutPercent: mean(({ costCutPercent }) => costCutPercent),
      layersSaved: mean(({ layersSaved }) => layersSaved),
      shares: byTier((tier) => mean(({ shares }) => shares[tier])),
      ...intervalsOf({ lossPoints: meanReplicates('lossPoints'), costCutPercent: meanReplicates('costCutPercent') }),
    },
  };
}

function byTier(valueOf: (tier: TierName) => number): Readonly<Record<TierName, number>> {
  const [mobile, edge, cloud] = TIERS.map(valueOf);
  return { mobile: mobile ?? 0, edge: edge ?? 0, cloud: cloud ?? 0 };
}

function checkPlan({ plan: { edgeLayers }, manifest: { layers } }: ComparisonOptions): void {
  if (edgeLayers <= layers) return;
  throw new DimeeError(
    'BAD_INPUT',
    `--edge-layers must be at most ${layers}, the layers of this model; not ${edgeLayers}.`,
  );
}
