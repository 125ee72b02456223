import { costAt } from '../cost';
import { type LayerIndex, type Stretch, stretchesOf, toLayer } from '../layers';
import { LIMITS } from '../protocol/limits';
import { LinUcb } from './lin-ucb';
import type { Arm, Context, Feedback, Learner, OnlinePolicy, Setting } from './online-policy';
import { costWeightRow, explorationRow } from './parameters';

/**
 * A contextual bandit over tiers: linear UCB (`lin-ucb.ts`) from what is known after layer 1 to the tier that answers, at
 * the last of its layers. r(tier) = [right] − w·cost(tier): it learns from labels, and only of the tier it chose. Regret
 * against the best fixed tier may fall below zero, since no fixed tier looks at the sample.
 * Source: LinUCB (arXiv 1003.0146) for the learner, Contextual-Bandit Anomaly Detection for IoT Data in Distributed
 * Hierarchical Edge Computing (arXiv 2004.06896) for the arms and for a reward of accuracy less cost.
 * How near to the papers: our reconstruction. There a policy network learns the choice, and the cost is the delay to the
 * tier; here it is layers and crossings, the same at every step, so that nothing is learnt of the network
 * (“Soft actor-critic” has a delay). Rewards come at once, or so many samples late as a run is asked for. The features are ours. Layer 1 runs on the mobile tier
 * for every sample, since its exit is a feature, so a deeper tier costs that layer, the crossing and its layers from 2 on.
 * Where exploration is small, a tier whose first answers were wrong, or that was never tried, is left for good: LinUCB's
 * bound does not grow with time.
 */
export const contextualBandit: OnlinePolicy = {
  role: 'learner',
  id: 'contextual-bandit',
  name: 'Contextual bandit',
  rule: 'linear UCB from length, distances to the pools and the confidence after layer 1 to a tier; reward 1 if right, less w · cost, w being the cost weight',
  source: 'LinUCB, arXiv 1003.0146; contextual-bandit anomaly detection, arXiv 2004.06896',
  parameters: [costWeightRow(0.01), explorationRow(1.5)],
  arms: tierArms,
  start: (seed, setting) => new TierLearner(seed, setting),
};

function tierArms({ parameters: { costWeight = Number.NaN }, plan, costs, layers }: Setting): readonly Arm[] {
  const deeper = (mobileLayers: number, edgeLayers: number) =>
    stretchesOf('cascade', { mobileLayers, edgeLayers }, layers);
  const arm = (name: string, exitLayer: LayerIndex, stretches: readonly Stretch[]): Arm => {
    const weightedCost = costWeight * costAt(exitLayer, stretches, costs);
    return {
      name,
      stretches,
      exitLayer: () => exitLayer,
      reward: ({ labels, gold }) => (labels[exitLayer - 1] === gold ? 1 : 0) - weightedCost,
    };
  };
  return [
    arm('mobile', toLayer(plan.mobileLayers), stretchesOf('mobile', plan, layers)),
    arm('edge', toLayer(plan.edgeLayers), deeper(1, plan.edgeLayers)),
    arm('cloud', toLayer(layers), deeper(1, 1)),
  ];
}

class TierLearner implements Learner {
  readonly #ucb: LinUcb;

  constructor(
    seed: number,
    private readonly setting: Setting,
  ) {
    this.#ucb = new LinUcb(3, FEATURES, setting.parameters.exploration ?? Number.NaN, seed);
  }

  choose(context: Context): number {
    return this.#ucb.choose(featuresOf(context, this.setting.classes));
  }

  learn({ context, arm, reward }: Feedback): void {
    this.#ucb.learn(arm, featuresOf(context, this.setting.classes), reward);
  }
}

const FEATURES = 6;
/** Distances to the three pools differ by some hundredths of their mean; this brings them to the size of the others. */
const DISTANCE_SCALE = 10;

/**
 * The features of a sample, `[6]`, each of a size about 1: a constant, the logarithm of its length, how far C_1 is from
 * chance to certainty, and by how much each pool is farther than the mean of the three (0 where none were recorded).
 */
export function featuresOf({ tokens, firstConfidence, poolDistances }: Context, classes: number): Float64Array {
  const features = new Float64Array(FEATURES);
  features[0] = 1;
  features[1] = Math.log(tokens) / Math.log(LIMITS.maxTokens);
  features[2] = (classes * firstConfidence - 1) / (classes - 1);
  if (!poolDistances) return features;
  const [easy = 0, moderate = 0, hard = 0] = poolDistances;
  const mean = (easy + moderate + hard) / 3;
  if (mean > 0)
    features.set(
      [easy, moderate, hard].map((distance) => DISTANCE_SCALE * (distance / mean - 1)),
      3,
    );
  return features;
}
