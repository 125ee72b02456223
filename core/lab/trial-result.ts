import { at } from '../numbers/at';
import { bootstrapMeans, type Interval, percentileInterval } from '../numbers/bootstrap';
import type { TierName } from '../layers';
import type { PolicyParameters } from '../policies';
import { drawLot } from '../numbers/lots';
import type { Trial, TrialOutcome } from './policy-trial';

/** What a policy does to rows of a task, or on average over tasks. */
export interface Estimate {
  /** 0 to 1. */
  readonly accuracy: number;
  /** Accuracy at the last exit less this one, in points. */
  readonly lossPoints: number;
  /** Against all cloud. */
  readonly costCutPercent: number;
  /** Of all layers, on average over samples. */
  readonly layersSaved: number;
  /** Of the samples that left at each tier, 0 to 1. */
  readonly shares: Readonly<Record<TierName, number>>;
}

/** 95 % each; on the same rows a loss is known better than an accuracy. */
export interface Intervals {
  readonly lossInterval: Interval;
  readonly costCutInterval: Interval;
}

export interface Result extends Estimate, Intervals {
  /** Points of accuracy over a static cut of the same mean cost, which is the least that adaptivity has to bring. */
  readonly gainPoints: number;
  readonly gainInterval: Interval;
  /** Of a policy that chooses a tier for each sample beforehand: over tiers drawn at random with the same shares. */
  readonly overRandom?: Gain;
}

/** In points of accuracy, with its 95 % interval. */
export interface Gain {
  readonly points: number;
  readonly interval: Interval;
}

/** One policy on one task. */
export interface TaskRow {
  readonly task: string;
  readonly policy: string;
  /** Rows that it was measured on; 0 where the policy lacks something. */
  readonly rows: number;
  readonly result: Result | null;
  /** As `Trial` says. */
  readonly parameters: PolicyParameters;
  /** As `Trial` says. */
  readonly isAimReached: boolean | null;
  /** As `Trial` says. */
  readonly expectedLossPoints: number | null;
  /** What the policy needs and there is not, in words. */
  readonly missing: string | null;
}

/** One policy on average over the tasks that it was measured on, each counting alike. */
export interface MeanRow {
  readonly policy: string;
  readonly tasks: readonly string[];
  readonly result: Result | null;
}

export interface Measured {
  readonly row: TaskRow;
  readonly replicates: Replicates | undefined;
  /** By row, as `TrialOutcome` says. */
  readonly lossPoints?: Float64Array;
  /** Means of `overRandomPoints` over rows drawn anew. */
  readonly overRandom?: Float64Array | undefined;
}

/** Numbers by row of which the bootstrap makes means. */
type RowNumbers = 'lossPoints' | 'costCutPercent' | 'gainPoints';

/** What the bootstrap made of an outcome. */
type Replicates<Key extends RowNumbers = RowNumbers> = Readonly<Record<Key, Float64Array>>;

const ALL_NUMBERS: readonly RowNumbers[] = ['lossPoints', 'costCutPercent', 'gainPoints'];

const REPLICATES = 1000;
/** Of the bootstrap; any number would do. */
const SEED = 1;

/**
 * The results of trials on the same rows of a task. The bootstrap draws the same rows for each, whether it is measured
 * alone or beside others: a policy has the same numbers in every table.
 */
export function measure(task: string, trials: readonly Trial[]): Measured[] {
  const outcomes = trials.flatMap(({ outcome }) => outcome ?? []);
  const replicates = replicatesOf(outcomes, REPLICATES, ALL_NUMBERS);
  const replicatesFor = ({ outcome }: Trial) => outcome && replicates[outcomes.indexOf(outcome)];
  return trials.map((trial) => measuredOf(task, trial, replicatesFor(trial) ?? undefined));
}

/** Every outcome, in their order, so many times on the same rows drawn anew: the means of these numbers. */
export function replicatesOf<Key extends RowNumbers>(
  outcomes: readonly TrialOutcome[],
  replicates: number,
  keys: readonly Key[],
): Replicates<Key>[] {
  let draws = 0;
  const columns = outcomes.flatMap((outcome) => keys.map((key) => outcome[key]));
  const means = bootstrapMeans(columns, replicates, () => drawLot(SEED, draws++));
  return outcomes.map((_, index) => {
    const named = keys.map((key, place) => [key, at(means, keys.length * index + place)] as const);
    return Object.fromEntries(named) as Replicates<Key>;
  });
}

/** Of numbers that not every outcome has; the same rows are drawn. */
function replicatesOfRows(values: Float64Array): Float64Array {
  let draws = 0;
  return at(
    bootstrapMeans([values], REPLICATES, () => drawLot(SEED, draws++)),
    0,
  );
}

function measuredOf(task: string, trial: Trial, replicates: Replicates | undefined): Measured {
  const { policy, outcome, parameters, isAimReached, expectedLossPoints, missing } = trial;
  const chosen = { parameters, isAimReached, expectedLossPoints };
  const row = { task, policy: policy.id, rows: outcome?.summary.rows ?? 0, ...chosen, missing };
  if (!outcome || !replicates) return { row: { ...row, result: null }, replicates: undefined };
  const gain = { gainPoints: meanOfRows(outcome.gainPoints), gainInterval: percentileInterval(replicates.gainPoints) };
  const { overRandomPoints } = outcome;
  const overRandom = overRandomPoints && replicatesOfRows(overRandomPoints);
  const result = {
    ...{ ...estimateOf(outcome), ...intervalsOf(replicates), ...gain },
    ...(overRandom && {
      overRandom: { points: meanOfRows(overRandomPoints), interval: percentileInterval(overRandom) },
    }),
  };
  return { row: { ...row, result }, replicates, lossPoints: outcome.lossPoints, overRandom };
}

export function estimateOf({ summary, quality }: TrialOutcome): Estimate {
  const { rows, exitsByLayer, exitsByTier, meanLayers, costCutPercent } = summary;
  return {
    accuracy: quality.accuracy,
    lossPoints: 100 * (quality.accuracyAtLastExit - quality.accuracy),
    costCutPercent,
    layersSaved: exitsByLayer.length - meanLayers,
    shares: byTier((tier) => exitsByTier[tier] / rows),
  };
}

function meanOfRows(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The 95 % of them. */
export function intervalsOf({ lossPoints, costCutPercent }: Replicates<'lossPoints' | 'costCutPercent'>): Intervals {
  return { lossInterval: percentileInterval(lossPoints), costCutInterval: percentileInterval(costCutPercent) };
}

/** A policy's mean over what was measured of it on several tasks. */
export function meanOf(policy: string, measured: readonly Measured[]): MeanRow {
  const ofPolicy = measured.flatMap(({ row, replicates, overRandom }) =>
    row.policy === policy && row.result && replicates
      ? [{ task: row.task, result: row.result, replicates, overRandom }]
      : [],
  );
  const tasks = ofPolicy.map(({ task }) => task);
  if (ofPolicy.length === 0) return { policy, tasks, result: null };
  const mean = (valueOf: (result: Result) => number) =>
    ofPolicy.reduce((sum, { result }) => sum + valueOf(result), 0) / ofPolicy.length;
  const meanReplicates = (key: RowNumbers) => meanOfColumns(ofPolicy.map(({ replicates }) => replicates[key]));
  const overRandom = ofPolicy.flatMap((of) => of.overRandom ?? []);
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
      gainPoints: mean(({ gainPoints }) => gainPoints),
      gainInterval: percentileInterval(meanReplicates('gainPoints')),
      ...(overRandom.length > 0 && {
        overRandom: {
          points: mean((result) => result.overRandom?.points ?? Number.NaN),
          interval: percentileInterval(meanOfColumns(overRandom)),
        },
      }),
    },
  };
}

/** The mean of columns of one length, place by place. */
function meanOfColumns(columns: readonly Float64Array[]): Float64Array {
  const sumAt = (index: number) => columns.reduce((sum, column) => sum + at(column, index), 0);
  return at(columns, 0).map((_, index) => sumAt(index) / columns.length);
}

function byTier(valueOf: (tier: TierName) => number): Readonly<Record<TierName, number>> {
  return { mobile: valueOf('mobile'), edge: valueOf('edge'), cloud: valueOf('cloud') };
}
