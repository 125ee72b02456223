import { at } from '../numbers/at';
import { costCutPercent } from '../cost';
import { type OnlinePolicy, OnlineRun } from '../online';
import { defaultParameters, type PolicyParameters } from '../policies';
import { type CalibratedTrace, takeRows } from '../trace/calibrated-trace';
import type { Aim } from '../tuning/optimise';
import { ONLINE_SEEDS, priceLearner } from './online-trial';
import type { LabSetting } from './setting';

/** The same rows twice: as they stand in the dev split, and as people mistype them. */
export interface ChangingRows {
  readonly before: CalibratedTrace;
  readonly after: CalibratedTrace;
}

type Rows = Pick<LabSetting, 'evaluation' | 'noised'>;

/** Undefined where `mistypedRows` is 0. */
export function changingRows({ evaluation, noised }: Rows): ChangingRows | undefined {
  if (!noised?.trace.devRows || mistypedRows({ evaluation, noised }) === 0) return undefined;
  return { before: takeRows(evaluation, noised.trace.devRows), after: noised };
}

/** How many of the rows there are mistyped, too: 0 where none were recorded, or not of which rows, or of others than these. */
export function mistypedRows({ evaluation: { trace }, noised }: Rows): number {
  const devRows = noised?.trace.devRows;
  const isTheirs = trace.split === 'dev' && devRows?.every((row) => row < trace.rows);
  return devRows && isTheirs ? devRows.length : 0;
}

/** What a learner did with one half of a stream; means over runs, but for the least and the greatest. */
export interface StreamHalf {
  /** A hundred samples, against the fixed choice that is best in this half, in units of the policy's own reward. */
  readonly regret: number;
  readonly leastRegret: number;
  readonly greatestRegret: number;
  /** Of the first run. */
  readonly bestChoice: string;
  /** Accuracy at the last exit less where samples left, in points. */
  readonly lossPoints: number;
  /** Against all cloud. */
  readonly costCutPercent: number;
}

export interface ChangingTrial {
  readonly policy: string;
  readonly parameters: PolicyParameters;
  readonly before: StreamHalf;
  readonly after: StreamHalf;
}

/**
 * Runs a learner once a seed through rows that are mistyped from half-way on, at the price of cost that keeps to an aim on
 * the calibration split: it comes knowing nothing, and nobody tells it of the change. `delay`: after how many more samples
 * it learns what one has earned.
 */
export function tryChanging(
  policy: OnlinePolicy,
  { before, after }: ChangingRows,
  setting: Omit<LabSetting, 'evaluation' | 'noised'>,
  { aim, delay }: { readonly aim: Aim; readonly delay: number },
): ChangingTrial {
  const { plan, costs, hidden, layers, calibration } = setting;
  const priced = calibration && priceLearner(policy, { ...setting, evaluation: before }, calibration, aim);
  const parameters = priced?.parameters ?? defaultParameters(policy, layers);
  const halves = ONLINE_SEEDS.map((seed) => {
    const options = { policy, parameters, plan, costs, hidden, seed, changesTo: after, delay };
    return halvesOf(new OnlineRun(before, options));
  });
  const half = (index: number): StreamHalf => {
    const runs = halves.map((ofRun) => at(ofRun, index));
    const meanOf = (valueOf: (run: HalfSums) => number) =>
      runs.reduce((sum, run) => sum + valueOf(run) / run.samples, 0) / runs.length;
    const regrets = runs.map(({ regret, samples }) => (100 * regret) / samples);
    return {
      regret: 100 * meanOf(({ regret }) => regret),
      ...{ leastRegret: Math.min(...regrets), greatestRegret: Math.max(...regrets) },
      bestChoice: at(runs, 0).bestChoice,
      lossPoints: 100 * meanOf(({ rightAtLast, right }) => rightAtLast - right),
      costCutPercent: costCutPercent(
        meanOf(({ cost }) => cost),
        layers,
        costs,
      ),
    };
  };
  return { policy: policy.id, parameters, before: half(0), after: half(1) };
}

interface HalfSums {
  readonly samples: number;
  readonly regret: number;
  readonly right: number;
  readonly rightAtLast: number;
  readonly cost: number;
  readonly bestChoice: string;
}

/** Runs to the end. */
function halvesOf(run: OnlineRun): readonly HalfSums[] {
  const now = () => {
    const { right, cost } = run.chosen;
    return { regret: run.regret, right, cost, rightAtLast: run.allCloud.right };
  };
  let [last, steps] = [now(), 0];
  return [run.changeAt, run.length].map((end, half) => {
    const { regret, right, cost, rightAtLast } = last;
    const samples = end - steps;
    run.advance(samples);
    [last, steps] = [now(), end];
    return {
      samples,
      regret: last.regret - regret,
      right: last.right - right,
      cost: last.cost - cost,
      rightAtLast: last.rightAtLast - rightAtLast,
      bestChoice: at(run.arms, at(run.bestArms, half)).name,
    };
  });
}
