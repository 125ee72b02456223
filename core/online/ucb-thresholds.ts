import { at } from '../numbers/at';
import { costByExitLayer } from '../cost';
import { stretchesOf, toLayer } from '../layers';
import { reachableBelowOne } from '../policies/policy';
import type { Arm, OnlinePolicy, Setting } from './online-policy';
import { costWeightRow, explorationRow } from './parameters';
import { Ucb } from './ucb';

/**
 * CeeBERT: UCB over confidence thresholds. The arms are n thresholds α at equal distances from 1/K, where every sample
 * leaves at once, to 1, which is never reached. A sample leaves at the first exit i with C_i ≥ α, else at L, and
 *   r(α) = (C_i − C_1) − w·(cost(i) − cost(1)):
 * the confidence gained beyond the first exit, less what it cost. It needs no labels, and learns of each sample the reward
 * of the threshold it chose.
 * Source: CeeBERT (arXiv 2405.15039).
 * How near to the paper: its stream is of another domain than the training rows; here it is of the same one, so that
 * there is little to adapt to, but for rows that are mistyped from half-way on (`compare --changing`). Our reconstruction: the reward of the authors' code for two exits (0 at the first,
 * C_L − C_1 − overhead at the last) for every exit of a cascade, with the costs of the plan, offloading included, as overhead.
 * Its rewards differ by hundredths, so exploration is smaller by default than where they differ by tenths.
 */
export const ucbThresholds: OnlinePolicy = {
  role: 'learner',
  id: 'ucb-thresholds',
  name: 'UCB over thresholds',
  rule: 'UCB over thresholds α; reward (C_i − C_1) − w(cost(i) − cost(1)) at the first exit with C_i ≥ α, where C_i is the confidence after layer i and w the cost weight',
  source: 'CeeBERT, arXiv 2405.15039',
  parameters: [
    {
      id: 'thresholds',
      label: 'Thresholds',
      min: 2,
      max: 51,
      step: 1,
      default: 11,
      hint: 'How many thresholds it chooses among.',
    },
    costWeightRow(0.01),
    explorationRow(0.1),
  ],
  arms: thresholdArms,
  start: (seed, { parameters: { thresholds = Number.NaN, exploration = Number.NaN } }) =>
    new Ucb(thresholds, exploration, seed),
};

function thresholdArms({ parameters, plan, costs, layers, classes }: Setting): readonly Arm[] {
  const { thresholds = Number.NaN, costWeight = Number.NaN } = parameters;
  const stretches = stretchesOf('cascade', plan, layers);
  const costByLayer = costByExitLayer(layers, stretches, costs);
  const added = costByLayer.map((cost) => costWeight * (cost - at(costByLayer, 0)));
  return Array.from({ length: thresholds }, (_, index) => {
    const threshold = (1 + ((classes - 1) * index) / (thresholds - 1)) / classes;
    const leastConfidence = reachableBelowOne(threshold);
    const exitLayer: Arm['exitLayer'] = ({ confidences }) => {
      let layer = 1;
      while (layer < layers && !(at(confidences, layer - 1) >= leastConfidence)) layer++;
      return toLayer(layer);
    };
    return {
      name: `threshold ${threshold.toFixed(3)}`,
      stretches,
      exitLayer,
      reward: (sample) => {
        const exit = exitLayer(sample) - 1;
        return at(sample.confidences, exit) - sample.firstConfidence - at(added, exit);
      },
    };
  });
}
