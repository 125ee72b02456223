import { costByExitLayer, type CostWeights } from '../cost';
import { argmax } from '../exits';
import type { Plan } from '../layers';
import type { PolicyParameters } from '../policies';
import { drawLot } from '../policies/lots';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { Arm, Learner, OnlinePolicy, RecordedSample, Setting } from './online-policy';

export interface OnlineRunOptions {
  readonly policy: OnlinePolicy;
  /** Those that are left out take their defaults. */
  readonly parameters?: PolicyParameters;
  readonly plan: Plan;
  readonly costs: CostWeights;
  /** Decides the order of the rows and the learner's lots. */
  readonly seed: number;
  /** How often the whole trace is streamed, each time in another order; 1 or more. */
  readonly passes?: number;
}

/** What has happened so far, one entry a step. Views of the run's memory, filled further as it advances. */
export interface OnlineHistory {
  /** The row of the trace. */
  readonly rows: Uint32Array;
  /** Index of the arm chosen. */
  readonly arms: Uint8Array;
  readonly rewards: Float64Array;
  /** Σ over the steps so far of what the best fixed arm earned there, less what was earned. */
  readonly regret: Float64Array;
  /** In units of one cloud layer. */
  readonly costs: Float64Array;
  readonly exitLayers: Uint8Array;
  /** 1 where the exit's label is the gold one, else 0. */
  readonly right: Uint8Array;
}

/** A learner on its way through a recorded trace, as far at a time as its owner likes. The same options give the same run. */
export class OnlineRun {
  readonly arms: readonly Arm[];
  /** The arm that earns the most over the whole stream if it is always chosen: known in hindsight, from the trace. */
  readonly bestArm: number;
  /** Steps in all: rows × passes. */
  readonly length: number;
  readonly #setting: Setting;
  readonly #samples: readonly RecordedSample[];
  readonly #played: Played;
  readonly #history: OnlineHistory;
  #order: Uint32Array;
  #learner: Learner;
  #steps = 0;

  constructor(
    calibrated: CalibratedTrace,
    private readonly options: OnlineRunOptions,
  ) {
    const { rows, layers, classes } = calibrated.trace;
    const { policy, plan, costs, passes = 1, seed } = options;
    const defaults = Object.fromEntries(policy.parameters.map((spec) => [spec.id, spec.default]));
    this.#setting = { parameters: { ...defaults, ...options.parameters }, plan, costs, layers, classes };
    this.arms = policy.arms(this.#setting);
    this.#samples = Array.from({ length: rows }, (_, row) => sampleOf(calibrated, row));
    this.#played = playAll(this.#samples, this.arms, layers, costs);
    this.bestArm = argmax(this.#played.totals);
    this.length = rows * passes;
    this.#history = emptyHistory(this.length);
    this.#order = shuffled(rows, seed, 0);
    this.#learner = policy.start(seed, this.#setting);
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  get history(): OnlineHistory {
    const { rows, arms, rewards, regret, costs, exitLayers, right } = this.#history;
    const end = this.#steps;
    return {
      rows: rows.subarray(0, end),
      arms: arms.subarray(0, end),
      rewards: rewards.subarray(0, end),
      regret: regret.subarray(0, end),
      costs: costs.subarray(0, end),
      exitLayers: exitLayers.subarray(0, end),
      right: right.subarray(0, end),
    };
  }

  /** Goes on by so many steps, or to the end of the stream. */
  advance(steps = Number.POSITIVE_INFINITY): this {
    const end = Math.min(this.#steps + steps, this.length);
    while (this.#steps < end) this.#step();
    return this;
  }

  /** Forgets all that was learnt and goes back to the first sample. */
  restart(): void {
    this.#steps = 0;
    this.#order = shuffled(this.#samples.length, this.options.seed, 0);
    this.#learner = this.options.policy.start(this.options.seed, this.#setting);
  }

  #step(): void {
    const step = this.#steps++;
    const rows = this.#samples.length;
    if (step > 0 && step % rows === 0) this.#order = shuffled(rows, this.options.seed, step / rows);
    const row = this.#order[step % rows] ?? 0;
    const sample = this.#samples[row];
    if (!sample) return;
    const arm = this.#learner.choose(sample);
    const play = row * this.arms.length + arm;
    const reward = this.#played.rewards[play] ?? 0;
    const exitLayer = this.#played.exitLayers[play] ?? 0;
    const best = this.#played.rewards[row * this.arms.length + this.bestArm] ?? 0;
    this.#learner.learn({ context: sample, arm, reward, confidences: sample.confidences.subarray(0, exitLayer) });

    const history = this.#history;
    history.rows[step] = row;
    history.arms[step] = arm;
    history.rewards[step] = reward;
    history.regret[step] = (step > 0 ? (history.regret[step - 1] ?? 0) : 0) + best - reward;
    history.costs[step] = this.#played.costs[play] ?? 0;
    history.exitLayers[step] = exitLayer;
    history.right[step] = sample.labels[exitLayer - 1] === sample.gold ? 1 : 0;
  }
}

/** What every arm does to every row, each `[rows, arms]`, and what it earns in all, `[arms]`. */
interface Played {
  readonly rewards: Float64Array;
  readonly exitLayers: Uint8Array;
  readonly costs: Float64Array;
  readonly totals: Float64Array;
}

function playAll(samples: readonly RecordedSample[], arms: readonly Arm[], layers: number, costs: CostWeights): Played {
  const plays = samples.length * arms.length;
  const played: Played = {
    rewards: new Float64Array(plays),
    exitLayers: new Uint8Array(plays),
    costs: new Float64Array(plays),
    totals: new Float64Array(arms.length),
  };
  arms.forEach((arm, index) => {
    const costByLayer = costByExitLayer(layers, arm.stretches, costs);
    samples.forEach((sample, row) => {
      const play = row * arms.length + index;
      const exitLayer = arm.exitLayer(sample);
      const reward = arm.reward(sample);
      played.exitLayers[play] = exitLayer;
      played.rewards[play] = reward;
      played.costs[play] = costByLayer[exitLayer - 1] ?? 0;
      played.totals[index] = (played.totals[index] ?? 0) + reward;
    });
  });
  return played;
}

function sampleOf({ trace, probabilities, labels }: CalibratedTrace, row: number): RecordedSample {
  const { layers, classes, tokens, gold, poolDistances } = trace;
  const rowLabels = labels.subarray(row * layers, (row + 1) * layers);
  const confidences = new Float64Array(layers);
  for (let index = 0; index < layers; index++) {
    confidences[index] = probabilities[(row * layers + index) * classes + (rowLabels[index] ?? 0)] ?? 0;
  }
  return {
    tokens: tokens[row] ?? 0,
    firstConfidence: confidences[0] ?? 0,
    poolDistances: poolDistances?.subarray(row * 3, row * 3 + 3),
    confidences,
    labels: rowLabels,
    gold: gold[row] ?? 0,
  };
}

/** The rows in an order drawn by lot for the seed and pass (Fisher and Yates). */
function shuffled(rows: number, seed: number, pass: number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(drawLot(seed, pass, last) * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

function emptyHistory(steps: number): OnlineHistory {
  return {
    rows: new Uint32Array(steps),
    arms: new Uint8Array(steps),
    rewards: new Float64Array(steps),
    regret: new Float64Array(steps),
    costs: new Float64Array(steps),
    exitLayers: new Uint8Array(steps),
    right: new Uint8Array(steps),
  };
}
