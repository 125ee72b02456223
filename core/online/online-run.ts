import { at } from '../numbers/at';
import { allCloudCost, costByExitLayer, type CostWeights } from '../cost';
import { argmax } from '../exits';
import { type LayerIndex, type Plan, tierAt, type TierName } from '../layers';
import { type PolicyParameters, resolveParameters } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { Arm, Feedback, Learner, OnlinePolicy, RecordedSample, Setting } from './online-policy';
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
  /** Rows that are streamed as often after those, half of the stream: as many, so that the change is half-way. */
  readonly changesTo?: CalibratedTrace | undefined;
  /** After how many more samples the learner is told of one; 0 unless said otherwise. */
  readonly delay?: number;
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
  /**
   * The arm that earns the most if it is always chosen, known in hindsight from the trace: over the whole stream, or before
   * the change and after it. Regret is counted against the one whose turn it is.
   */
  readonly bestArms: readonly number[];
  /** Steps in all: rows × passes, of rows before and after a change. */
  readonly length: number;
  /** The steps before the change; those of the whole stream where there is none. */
  readonly changeAt: number;
  /** How often each arm was chosen, `[arms]`. A view of the run's memory, as `curve` is. */
  readonly pulls: Uint32Array;
  /** Every so many steps the curve has a point. */
  readonly curveStride: number;
  readonly #setting: Setting;
  readonly #rowsOfPass: (pass: number) => readonly RecordedRow[];
  readonly #costs: readonly (readonly number[])[];
  readonly #curve: Float64Array;
  #stream: Iterator<StreamedSample, never>;
  #learner: Learner;
  /** What the learner has not been told yet, the oldest first. */
  #untold: Feedback[] = [];
  #steps = 0;
  #chosen = new Sums();
  #best = new Sums();
  #rightInCloud = 0;
  #regretAtChange: number | undefined;

  /** @throws DimeeError `BAD_INPUT` for a parameter that the policy does not have, or a value outside its range. */
  constructor(
    calibrated: CalibratedTrace,
    private readonly options: OnlineRunOptions,
  ) {
    const { rows, layers, classes } = calibrated.trace;
    const { policy, plan, costs, hidden, passes = 1, changesTo } = options;
    if (changesTo && changesTo.trace.rows !== rows) {
      throw new RangeError(
        `A stream changes half-way: expected ${rows} rows after the change, got ${changesTo.trace.rows}.`,
      );
    }
    this.#setting = {
      parameters: resolveParameters(policy, layers, options.parameters),
      plan,
      costs,
      layers,
      hidden,
      classes,
    };
    this.arms = policy.arms(this.#setting);
    const before = rowsOf(calibrated, plan.mobileLayers);
    const after = changesTo && rowsOf(changesTo, plan.mobileLayers);
    this.#rowsOfPass = (pass) => (after && pass >= passes ? after : before);
    this.#costs = this.arms.map(({ stretches }) => costByExitLayer(layers, stretches, costs));
    this.changeAt = rows * passes;
    this.length = after ? 2 * this.changeAt : this.changeAt;
    this.bestArms = this.#findBestArms(rows);
    this.pulls = new Uint32Array(this.arms.length);
    this.curveStride = Math.max(Math.ceil(this.length / CURVE_POINTS), 1);
    this.#curve = new Float64Array(Math.floor(this.length / this.curveStride) + 1);
    this.#stream = streamOf(this.#rowsOfPass, options.seed);
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

  /** The regret of the samples before the change, once it has come. */
  get regretAtChange(): number | undefined {
    return this.#regretAtChange;
  }

  /** What the chosen arms did. */
  get chosen(): RewardSums {
    return this.#chosen;
  }

  /** The best fixed arm of the next sample, or of the last one at the end. */
  get bestArm(): number {
    return at(this.bestArms, this.#partAt(Math.min(this.#steps, this.length - 1)));
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
    this.#stream = streamOf(this.#rowsOfPass, this.options.seed);
    [this.#untold, this.#regretAtChange] = [[], undefined];
    this.#learner = this.options.policy.start(this.options.seed, this.#setting);
  }

  #step(): OnlineStep {
    const { row, sample } = this.#stream.next().value;
    const { bestArm } = this;
    const arm = this.#learner.choose(sample);
    const done = this.#play(arm, sample);
    const confidences = sample.confidences.subarray(0, done.exitLayer);
    const labels = sample.labels.subarray(0, done.exitLayer);
    this.#untold.push({ context: sample, arm, reward: done.reward, confidences, labels });
    if (this.#untold.length > (this.options.delay ?? 0)) this.#tellOldest();

    this.#chosen.add(done);
    this.#best.add(arm === bestArm ? done : this.#play(bestArm, sample));
    if (sample.labels.at(-1) === sample.gold) this.#rightInCloud++;
    this.pulls[arm] = at(this.pulls, arm) + 1;
    if (++this.#steps % this.curveStride === 0) this.#curve[this.#steps / this.curveStride] = this.regret;
    if (this.#steps === this.changeAt) this.#regretAtChange = this.regret;
    return { row, arm, ...done };
  }

  #tellOldest(): void {
    const oldest = this.#untold.shift();
    if (oldest) this.#learner.learn(oldest);
  }

  /** 0 before the change, 1 after it. */
  #partAt(step: number): number {
    return step < this.changeAt ? 0 : 1;
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

  /** Where no arm looks at the network and nothing changes, every pass earns the same, so one of `rows` tells the best. */
  #findBestArms(rows: number): number[] {
    const { policy, seed, changesTo } = this.options;
    const totals = Array.from({ length: changesTo ? 2 : 1 }, () => new Float64Array(this.arms.length));
    const steps = policy.looksAtNetwork || changesTo ? this.length : rows;
    const stream = streamOf(this.#rowsOfPass, seed);
    for (let step = 0; step < steps; step++) {
      const { sample } = stream.next().value;
      const ofPart = at(totals, this.#partAt(step));
      this.arms.forEach((arm, index) => (ofPart[index] = at(ofPart, index) + arm.reward(sample)));
    }
    return totals.map((ofPart) => argmax(ofPart));
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
