import { at, lastOf } from '../../numbers/at';
import { drawLot } from '../../numbers/lots';
import { Adam } from './adam';
import { actorLoss, criticLoss, type Softmax, softmaxRows } from './losses';
import { Mlp } from './mlp';
import { emptyBatch, ReplayBuffer } from './replay-buffer';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

export interface DiscreteSacOptions {
  /** Numbers in a state's features. */
  readonly dimensions: number;
  readonly actions: number;
  /** γ, 0 to below 1: how much the states to come count. */
  readonly discount: number;
  readonly learningRate: number;
  readonly seed: number;
}

const HIDDEN_SIZES = [32];
const BATCH = 32;
const BUFFER_STEPS = 20_000;
/** How far a target network goes towards its critic at each update. */
const TARGET_RATE = 0.01;
/** What critics expect of an action that nobody has tried: the most there is to earn, so that each of them is tried. */
const FIRST_VALUE = 1;
const FIRST_TEMPERATURE = 0.03;
/** The temperature follows the networks, so it must be faster than they are. */
const TEMPERATURE_HASTE = 10;

/**
 * Soft actor-critic for discrete actions (arXiv 1910.07207): an actor π, twin critics Q with slowly following targets Q̄,
 * and a temperature α that is tuned for the entropy asked for. With targets
 *   y = r + γ Σ_a π(a|s′) (min Q̄(s′, a) − α ln π(a|s′)),
 * the critics go down ½ (Q(s, a) − y)², the actor goes towards ρ = softmax(min Q / α), and ln α down α (H(ρ) − H̄). How
 * the actor's distance is measured and whose entropy counts differs from the paper, see `actorLoss`. Networks are perceptrons
 * with one hidden layer, and Adam moves all of them. The same seed and the same calls give the same numbers.
 *
 * Written here and not taken from a library, since for networks as small as these most time would be spent on calling its
 * operations, and since it weighs little: of TensorFlow.js 4.22 what this needs is 281 kB on the CPU backend (80 kB
 * compressed), of jax-js 0.1 329 kB (101 kB).
 */
export class DiscreteSac {
  readonly #actor: Mlp;
  readonly #critics: readonly Critic[];
  readonly #actorAdam: Adam;
  readonly #logTemperature = Float64Array.of(Math.log(FIRST_TEMPERATURE));
  readonly #temperatureAdam: Adam;
  readonly #buffer: ReplayBuffer;
  readonly #batch;
  readonly #policy: Softmax;
  readonly #wanted: Softmax;
  readonly #values: Float64Array;
  readonly #gradients: Float64Array;
  #lots = 0;

  constructor(private readonly options: DiscreteSacOptions) {
    const { dimensions, actions, learningRate, seed } = options;
    const sizes = [dimensions, ...HIDDEN_SIZES, actions];
    this.#actor = new Mlp(sizes, BATCH, drawSeed(seed, 0));
    this.#critics = [1, 2].map((twin) => new Critic(sizes, learningRate, drawSeed(seed, twin)));
    this.#actorAdam = new Adam(this.#actor.parameters, learningRate);
    this.#temperatureAdam = new Adam(this.#logTemperature, TEMPERATURE_HASTE * learningRate);
    this.#buffer = new ReplayBuffer(BUFFER_STEPS, dimensions);
    this.#batch = emptyBatch(BATCH, dimensions);
    const numbers = () => new Float64Array(BATCH * actions);
    this.#policy = { probabilities: numbers(), logProbabilities: numbers() };
    this.#wanted = { probabilities: numbers(), logProbabilities: numbers() };
    [this.#values, this.#gradients] = [numbers(), numbers()];
  }

  /** α. */
  get temperature(): number {
    return Math.exp(at(this.#logTemperature, 0));
  }

  /** π(·|s) for features `[dimensions]`; a view that the next call overwrites. */
  probabilities(features: Float64Array): Float64Array {
    return this.#policyOf(features, 1).probabilities;
  }

  /** An action drawn from π. */
  choose(features: Float64Array): number {
    const probabilities = this.probabilities(features);
    let lot = this.#drawLot();
    const chosen = probabilities.findIndex((probability) => (lot -= probability) < 0);
    // Rounding may leave the sum a hair below the lot.
    return chosen < 0 ? this.options.actions - 1 : chosen;
  }

  /** Takes a step in, to be learnt from by later updates. */
  remember(features: Float64Array, action: number, reward: number, nextFeatures: Float64Array): void {
    this.#buffer.add(features, action, reward, nextFeatures);
  }

  /** One gradient step of every network and of the temperature; none as long as fewer steps than a batch are known. */
  update(targetEntropy: number): void {
    if (this.#buffer.size < BATCH) return;
    this.#buffer.draw(this.#batch, () => this.#drawLot());
    const targets = this.#targets();
    for (const critic of this.#critics) critic.learn(this.#batch.features, this.#batch.actions, targets);

    const policy = this.#policyOf(this.#batch.features, BATCH);
    this.#lesserValues(({ network }) => network, this.#batch.features);
    softmaxRows(this.#values, this.options.actions, this.temperature, this.#wanted);
    const { entropy } = actorLoss(policy, this.#wanted, BATCH, this.#gradients);
    this.#actor.backward(this.#gradients, BATCH);
    this.#actorAdam.step(this.#actor.gradients);
    this.#temperatureAdam.step(Float64Array.of(this.temperature * (entropy - targetEntropy)));
    if (this.options.discount > 0) for (const critic of this.#critics) critic.follow();
  }

  /** y of every row of the batch. Without a discount nothing that comes later counts, and no network is asked. */
  #targets(): Float64Array {
    const { discount, actions } = this.options;
    const targets = this.#batch.rewards.slice();
    if (discount === 0) return targets;
    const { probabilities, logProbabilities } = this.#policyOf(this.#batch.nextFeatures, BATCH);
    this.#lesserValues(({ target }) => target, this.#batch.nextFeatures);
    const soft = (index: number) => (this.#values[index] ?? 0) - this.temperature * (logProbabilities[index] ?? 0);
    for (let index = 0; index < probabilities.length; index++) {
      const row = Math.floor(index / actions);
      targets[row] = (targets[row] ?? 0) + discount * (probabilities[index] ?? 0) * soft(index);
    }
    return targets;
  }

  /** Leaves the lesser value of the twins in `#values`. */
  #lesserValues(networkOf: (critic: Critic) => Mlp, features: Float64Array): void {
    this.#values.fill(Number.POSITIVE_INFINITY);
    for (const critic of this.#critics) {
      networkOf(critic)
        .forward(features, BATCH)
        .forEach((value, index) => (this.#values[index] = Math.min(this.#values[index] ?? value, value)));
    }
  }

  #policyOf(features: Float64Array, batch: number): Softmax {
    const length = batch * this.options.actions;
    const probabilities = this.#policy.probabilities.subarray(0, length);
    const logProbabilities = this.#policy.logProbabilities.subarray(0, length);
    softmaxRows(this.#actor.forward(features, batch), this.options.actions, 1, { probabilities, logProbabilities });
    return { probabilities, logProbabilities };
  }

  #drawLot(): number {
    return drawLot(this.options.seed, this.#lots++);
  }
}

/** One of the twins, and the target network that follows it. */
class Critic {
  readonly network: Mlp;
  readonly target: Mlp;
  readonly #adam: Adam;
  readonly #gradients: Float64Array;

  constructor(sizes: readonly number[], learningRate: number, seed: number) {
    this.network = new Mlp(sizes, BATCH, seed, FIRST_VALUE);
    this.target = new Mlp(sizes, BATCH, seed, FIRST_VALUE);
    this.#adam = new Adam(this.network.parameters, learningRate);
    this.#gradients = new Float64Array(BATCH * lastOf(sizes));
  }

  learn(features: Float64Array, actions: Uint8Array, targets: Float64Array): void {
    criticLoss(this.network.forward(features, BATCH), actions, targets, this.#gradients);
    this.network.backward(this.#gradients, BATCH);
    this.#adam.step(this.network.gradients);
  }

  follow(): void {
    const { parameters } = this.network;
    this.target.parameters.forEach((value, index, all) => {
      all[index] = value + TARGET_RATE * ((parameters[index] ?? 0) - value);
    });
  }
}

/** A seed of a network's own. */
function drawSeed(seed: number, network: number): number {
  return Math.floor(2 ** 32 * drawLot(seed, network));
}
