import { at } from '../numbers/at';
import { allCloudCost, costByExitLayer, type CostWeights } from '../cost';
import { argmax } from '../exits';
import { type LayerIndex, type Plan, tierAt, type TierName } from '../layers';
import { type PolicyParameters, resolveParameters } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { Arm, Learner, OnlinePolicy, RecordedSample, Setting } from './online-policy';
import { type RecordedRow, rowsOf, type StreamedSample, streamOf } from './sample-stream';

export interface OnlineRunOptions {
  readonly policy: OnlinePolicy;
  /** Those that are left out take their defaults. */
  readonly parameters?: PolicyParameters;
  readonly plan: Plan;
  /** Numbers a token of the model's hidden states. */
  readonly hidden: number;
  readonly costs: CostWeights;
  /** Decides the order of the rows, the network's state and the learner's lots. */
  readonly seed: number;
  /** How often the whole trace is streamed, each time in another order; 1 or more. */
  readonly passes?: number;
}

/** What became of one sample. */
export interface OnlineStep {
  /** The row of the trace. */
  readonly row: number;
  /** Index of the arm chosen. */
  readonly arm: number;
  readonly exitLayer: LayerIndex;
  /** Which runs that layer under the arm. */
  readonly tier: TierName;
  readonly reward: number;
  /** In units of one cloud layer. */
  readonly cost: number;
  /** Whether the label at the exit is the gold one. */
  readonly isRight: boolean;
}

/** Sums over the samples so far. */
export interface RewardSums {
  readonly reward: number;
  /** In units of one cloud layer. */
  readonly cost: number;
  /** How many were answered rightly. */
  readonly right: number;
}

/** Points of a regret curve at most: more than a chart has pixels for would only take memory. */
const CURVE_POINTS = 500;

/**
 * A learner on its way through a recorded trace, as far at a time as its owner likes. The same options give the same run.
 * It keeps sums and a thinned curve, not what happened at every step, so its memory does not grow with the stream.
 */
export class OnlineRun {
  readonly arms: readonly Arm[];
  /** The arm that earns the most over the whole stream if it is always chosen: known in hindsight, from the trace. */
  readonly bestArm: number;
  /** Steps in all: rows × passes. */
  readonly length: number;
  /** How often each arm was chosen, `[arms]`. A view of the run's memory, as `curve` is. */
  readonly pulls: Uint32Array;
  /** Every so many steps the curve has a point. */
  readonly curveStride: number;
  readonly #setting: Setting;
  readonly #rows: readonly RecordedRow[];
  readonly #costs: readonly (readonly number[])[];
  readonly #curve: Float64Array;
  #stream: Iterator<StreamedSample, never>;
  #learner: Learner;
  #steps = 0;
  #chosen = new Sums();
  #best = new Sums();
  #rightInCloud = 0;

  /** @throws DimeeError `BAD_INPUT` for a parameter that the policy does not have, or a value outside its range. */
  constructor(
    calibrated: CalibratedTrace,
    private readonly options: OnlineRunOptions,
  ) {
    const { rows, layers, classes } = calibrated.trace;
    const { policy, plan, costs, hidden, passes = 1 } = options;
    this.#setting = {
      parameters: resolveParameters(policy, layers, options.parameters),
      plan,
      costs,
      layers,
      hidden,
      classes,
    };
    this.arms = policy.arms(this.#setting);
    this.#rows = rowsOf(calibrated, plan.mobileLayers);
    this.#costs = this.arms.map(({ stretches }) => costByExitLayer(layers, stretches, costs));
    this.length = rows * passes;
    this.bestArm = this.#findBestArm();
    this.pulls = new Uint32Array(this.arms.length);
    this.curveStride = Math.max(Math.ceil(this.length / CURVE_POINTS), 1);
    this.#curve = new Float64Array(Math.floor(this.length / this.curveStride) + 1);
    this.#stream = streamOf(this.#rows, options.seed);
    this.#learner = policy.start(options.seed, this.#setting);
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  /** What the best fixed arm would have earned so far, less what was earned. Below 0 where the learner did better. */
  get regret(): number {
    return this.#best.reward - this.#chosen.reward;
  }

  /** Regret after 0, `curveStride`, 2 `curveStride` … steps, as far as the run has come. */
  get curve(): Float64Array {
    return this.#curve.subarray(0, Math.floor(this.#steps / this.curveStride) + 1);
  }

  /** What the chosen arms did. */
  get chosen(): RewardSums {
    return this.#chosen;
  }

  /** What the best fixed arm would have done with the same samples. */
  get best(): RewardSums {
    return this.#best;
  }

  /** What sending everything to the cloud would have done; the policy has no reward for it. */
  get allCloud(): Omit<RewardSums, 'reward'> {
    const { layers, costs } = this.#setting;
    return { cost: this.#steps * allCloudCost(layers, costs), right: this.#rightInCloud };
  }

  /** Goes on by so many steps, or to the end of the stream; each is told as it is made. */
  advance(steps = Number.POSITIVE_INFINITY, onStep?: (step: OnlineStep) => void): this {
    const end = Math.min(this.#steps + steps, this.length);
    while (this.#steps < end) {
      const step = this.#step();
      onStep?.(step);
    }
    return this;
  }

  /** Forgets all that was learnt and goes back to the first sample. */
  restart(): void {
    this.#steps = 0;
    [this.#chosen, this.#best, this.#rightInCloud] = [new Sums(), new Sums(), 0];
    this.pulls.fill(0);
    this.#stream = streamOf(this.#rows, this.options.seed);
    this.#learner = this.options.policy.start(this.options.seed, this.#setting);
  }

  #step(): OnlineStep {
    const { row, sample } = this.#stream.next().value;
    const arm = this.#learner.choose(sample);
    const done = this.#play(arm, sample);
    const confidences = sample.confidences.subarray(0, done.exitLayer);
    const labels = sample.labels.subarray(0, done.exitLayer);
    this.#learner.learn({ context: sample, arm, reward: done.reward, confidences, labels });

    this.#chosen.add(done);
    this.#best.add(arm === this.bestArm ? done : this.#play(this.bestArm, sample));
    if (sample.labels.at(-1) === sample.gold) this.#rightInCloud++;
    this.pulls[arm] = at(this.pulls, arm) + 1;
    if (++this.#steps % this.curveStride === 0) this.#curve[this.#steps / this.curveStride] = this.regret;
    return { row, arm, ...done };
  }

  #play(index: number, sample: RecordedSample): Omit<OnlineStep, 'row' | 'arm'> {
    const arm = at(this.arms, index);
    const exitLayer = arm.exitLayer(sample);
    return {
      exitLayer,
      tier: tierAt(arm.stretches, exitLayer),
      reward: arm.reward(sample),
      cost: at(at(this.#costs, index), exitLayer - 1),
      isRight: sample.labels[exitLayer - 1] === sample.gold,
    };
  }

  /** Where no arm looks at the network, every pass earns the same, so one of them tells which arm is the best. */
  #findBestArm(): number {
    const { policy, seed } = this.options;
    const totals = new Float64Array(this.arms.length);
    const steps = policy.looksAtNetwork ? this.length : this.#rows.length;
    const stream = streamOf(this.#rows, seed);
    for (let step = 0; step < steps; step++) {
      const { sample } = stream.next().value;
      this.arms.forEach((arm, index) => (totals[index] = at(totals, index) + arm.reward(sample)));
    }
    return argmax(totals);
  }
}

class Sums implements RewardSums {
  reward = 0;
  cost = 0;
  right = 0;

  add({ reward, cost, isRight }: Pick<OnlineStep, 'reward' | 'cost' | 'isRight'>): void {
    this.reward += reward;
    this.cost += cost;
    if (isRight) this.right++;
  }
}
