import { at, lastOf } from '../numbers/at';
import { costAt, costPartsAt } from '../cost';
import { layersUpTo, stretchesOf, toLayer } from '../layers';
import type { ParameterSpec } from '../policies';
import { oneThreshold, reachableBelowOne } from '../policies/policy';
import type { Arm, OnlinePolicy, Setting } from './online-policy';
import { costWeightRow, explorationRow } from './parameters';

/**
 * The defaults give λ = 0.1 and o = 0.5. SplitEE's code has λ = 0.1, o from 0.1 to 0.6, and thresholds from 0.7 to 0.85.
 * The cloud's share is 1 where the papers have 0: see `splitArms`.
 */
export const SPLIT_PARAMETERS: readonly ParameterSpec[] = [
  { ...oneThreshold('A sentence that is less sure at the split layer goes to the cloud.'), default: 0.8 },
  costWeightRow(0.1),
  {
    id: 'cloudShare',
    label: 'Cloud’s share',
    min: 0,
    max: 1,
    step: 0.1,
    default: 1,
    hint: 'How much of the cloud’s own layers the reward is charged for: 1 for each in full, 0 for none, as in the paper.',
  },
  explorationRow(1),
];

export interface SplitArm extends Arm {
  /**
   * The reward by the exits that were run, `[≥ split layer]`. The last of them stands for exit L: of a sample that went to
   * the cloud it is exit L, of one that left earlier it is the deepest that anybody saw.
   */
  rewardFrom(confidences: Float64Array): number;
}

/**
 * One arm for each split layer i = 1 … L, on two tiers: layers 1..i on the mobile tier, where the sample leaves at exit i
 * if C_i ≥ α; else it goes to the cloud, which answers at exit L. With the costs of `cost.ts` times the cost weight w,
 *   r(i) = C_i − (λ + e)·i                      if C_i ≥ α,
 *   r(i) = C_L − o − s·λc·(L − i) − (λ + e)·i   else,
 * without o at i = L, where there is nothing to cross for. Here λ = w·λm, o = w·o(m→c), λc is w times that of the cost
 * model, and e = w·λm·(cost of a ramp in layers), which I-SplitEE alone has. The plan is not asked: each arm is one.
 * In the papers' reward the cloud's layers are free, s = 0. Then the earliest split earns the most unless offloading is
 * dear, and on hard tasks the best fixed arm sends every sample to the cloud and cuts no cost at all; everything else
 * here charges those layers, the cost cut that is reported included. So the share s, a parameter of ours, is 1 by default,
 * and what is learnt is what is measured; the papers' rule is at 0.
 */
export function splitArms({ parameters, costs, layers }: Setting): readonly SplitArm[] {
  const { threshold = Number.NaN, costWeight = Number.NaN, cloudShare = Number.NaN, rampCost = 0 } = parameters;
  const leastConfidence = reachableBelowOne(threshold);
  const lastLayer = toLayer(layers);
  return layersUpTo(layers).map((layer, index) => {
    const stretches = stretchesOf('cascade', { mobileLayers: layer, edgeLayers: layer }, layers);
    const kept = costWeight * (costAt(layer, stretches, costs) + rampCost * costs.mobileLayer * layer);
    const { offloading, cloud } = costPartsAt(lastLayer, stretches, costs);
    const offloaded = kept + costWeight * (offloading + cloudShare * cloud);
    const leaves = (confidences: Float64Array) => at(confidences, index) >= leastConfidence;
    const rewardFrom = (confidences: Float64Array) =>
      leaves(confidences) ? at(confidences, index) - kept : lastOf(confidences) - offloaded;
    return {
      name: `split after layer ${layer}`,
      stretches,
      exitLayer: ({ confidences }) => (leaves(confidences) ? layer : lastLayer),
      reward: ({ confidences }) => rewardFrom(confidences),
      rewardFrom,
    };
  });
}

/** What all policies have in common that learn where to split. */
export const SPLITTING = {
  role: 'learner',
  chargesCloud: true,
  parameters: SPLIT_PARAMETERS,
  arms: splitArms,
} as const satisfies Partial<OnlinePolicy>;
