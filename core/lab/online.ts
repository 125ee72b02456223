import { at } from '../numbers/at';
import { costCutPercent } from '../cost';
import { DimeeError } from '../errors';
import { onlinePolicyById, OnlineRun } from '../online';
import type { PolicyChoice } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { type ChangingRows, changingRows } from './changing-stream';
import type { LabSetting } from './setting';

/** Runs of one online policy, as far as so many steps. */
export interface OnlineJob {
  readonly policy: PolicyChoice;
  /** Of the first run; the others have the numbers after it. */
  readonly seed: number;
  /** How many runs, each with a seed of its own. */
  readonly runs: number;
  /** How often the rows are streamed. */
  readonly passes: number;
  /** Whether the stream is of the rows that are mistyped, too: first as they stand, and mistyped from half-way on. */
  readonly isChanging: boolean;
  /** After how many more samples the learner is told of one. */
  readonly delay: number;
  /** Where every run is to stand when this is answered. */
  readonly steps: number;
}

/** What was earned and what became of the samples so far, mean over runs. */
export interface OnlineOutcome {
  /** A sample, in units of the policy's own reward. */
  readonly reward: number;
  /** 0 to 1; agreement with the last exit where right labels are not known. */
  readonly accuracy: number;
  /** Against all cloud. */
  readonly costCutPercent: number;
}

/** Cumulative regret after a step: over runs, its mean and its least and greatest. */
export interface RegretPoint {
  readonly step: number;
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
}

/** Where the runs stand. All but the lengths is a mean over them. */
export interface OnlineProgress {
  readonly steps: number;
  /** Of the whole stream. */
  readonly length: number;
  readonly arms: readonly string[];
  /** The fixed arm that earns the most over the first run's whole stream, or over its half where the stream changes. */
  readonly bestArm: number;
  /** Where the stream changes. */
  readonly change?: StreamChange;
  /** How often each arm was chosen, `[arms]`. */
  readonly pulls: readonly number[];
  readonly regret: readonly RegretPoint[];
  readonly chosen: OnlineOutcome;
  readonly best: OnlineOutcome;
  readonly allCloud: Omit<OnlineOutcome, 'reward'>;
}

/** When a stream changes, and what was lost by then. */
export interface StreamChange {
  /** The samples before it. */
  readonly step: number;
  /** The best fixed arms of the first run, before and after. */
  readonly bestArms: readonly number[];
  /** Cumulative regret at the change; undefined until it has come. */
  readonly regret: number | undefined;
}

/** The runs asked for last, by the rows they are on: the next slice of a stream goes on where this one ended. */
const latest = new WeakMap<CalibratedTrace, { readonly key: string; readonly runs: readonly OnlineRun[] }>();

/**
 * Where runs stand after so many steps. The answer depends on setting and job alone: what was computed for an earlier
 * number of steps of the same runs is gone on from, and a lesser number is replayed from the seed.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not, parameters that it does not take, or a change without rows.
 */
export function advanceOnline(setting: LabSetting, job: OnlineJob): OnlineProgress {
  const runs = runsOf(setting, job);
  for (const run of runs) {
    if (run.steps > job.steps) run.restart();
    run.advance(job.steps - run.steps);
  }
  return progressOf(runs, setting);
}

function runsOf(setting: LabSetting, job: OnlineJob): readonly OnlineRun[] {
  const { evaluation, plan, costs, hidden } = setting;
  const key = JSON.stringify({ plan, costs, job: { ...job, steps: undefined } });
  const known = latest.get(evaluation);
  if (known?.key === key) return known.runs;
  const { parameters } = job.policy;
  const { passes, delay } = job;
  const { before, after } = job.isChanging ? changedRows(setting) : { before: evaluation, after: undefined };
  const policy = onlinePolicyById(job.policy.id);
  const options = { policy, parameters, plan, costs, hidden, passes, delay, changesTo: after };
  const runs = Array.from(
    { length: job.runs },
    (_, index) => new OnlineRun(before, { ...options, seed: job.seed + index }),
  );
  latest.set(evaluation, { key, runs });
  return runs;
}

function changedRows(setting: LabSetting): ChangingRows {
  const rows = changingRows(setting);
  if (rows) return rows;
  throw new DimeeError('BAD_INPUT', 'None of these rows were recorded mistyped. Stream them as they are.');
}

function progressOf(runs: readonly OnlineRun[], { layers, costs }: LabSetting): OnlineProgress {
  const first = at(runs, 0);
  const meanOf = (valueOf: (run: OnlineRun) => number) => mean(runs.map(valueOf));
  const shares = (tallyOf: (run: OnlineRun) => { readonly cost: number; readonly right: number }) => ({
    accuracy: meanOf((run) => tallyOf(run).right / run.steps),
    costCutPercent: costCutPercent(
      meanOf((run) => tallyOf(run).cost / run.steps),
      layers,
      costs,
    ),
  });
  return {
    ...{ steps: first.steps, length: first.length, bestArm: first.bestArm },
    ...(first.changeAt < first.length && { change: changeOf(runs, first) }),
    arms: first.arms.map(({ name }) => name),
    pulls: first.arms.map((_, arm) => meanOf(({ pulls }) => at(pulls, arm))),
    regret: regretOf(runs, first),
    chosen: { reward: meanOf(({ chosen, steps }) => chosen.reward / steps), ...shares(({ chosen }) => chosen) },
    best: { reward: meanOf(({ best, steps }) => best.reward / steps), ...shares(({ best }) => best) },
    allCloud: shares(({ allCloud }) => allCloud),
  };
}

function changeOf(runs: readonly OnlineRun[], { changeAt, bestArms }: OnlineRun): StreamChange {
  const regrets = runs.flatMap(({ regretAtChange }) => regretAtChange ?? []);
  return { step: changeAt, bestArms, regret: regrets.length > 0 ? mean(regrets) : undefined };
}

/** The points of the curves, and where they end if that lies between two. */
function regretOf(runs: readonly OnlineRun[], { curve, curveStride, steps }: OnlineRun): RegretPoint[] {
  const points = Array.from(curve, (_, index) => ({
    step: index * curveStride,
    ...spreadOf(runs.map((run) => at(run.curve, index))),
  }));
  return steps % curveStride === 0
    ? points
    : [...points, { step: steps, ...spreadOf(runs.map(({ regret }) => regret)) }];
}

function spreadOf(values: readonly number[]): Omit<RegretPoint, 'step'> {
  return { mean: mean(values), least: Math.min(...values), greatest: Math.max(...values) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
