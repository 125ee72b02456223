import type { OnlinePolicy } from './online-policy';
import { SPLITTING } from './split-arms';
import { Ucb } from './ucb';

/**
 * SplitEE: UCB over the split layer. Arms and reward are those of `split-arms.ts`; it needs no labels, and learns of each
 * sample the reward of the arm it chose, nothing else.
 * Source: SplitEE (arXiv 2309.09195) and its released code. Where that code tries every arm once, in order, before it begins
 * to count, here they are tried within the count, in random order.
 * How near to the paper: its algorithm; that the cloud's
 * layers are charged for is ours (`split-arms.ts`), and `splitEEPaper` beside it has the paper's cost.
 */
export const splitEE: OnlinePolicy = {
  ...SPLITTING,
  id: 'splitee',
  name: 'SplitEE',
  rule: 'UCB, a bandit that tries what it knows little of, over split layers i; reward C_i − λi if C_i ≥ α, else C_L − o − sλ(L − i) − λi. C_i is the confidence after layer i, L the last layer, α the threshold, λ a layer’s cost, o a crossing’s, s the cloud’s share',
  source: 'SplitEE, arXiv 2309.09195',
  start: (seed, { layers, parameters: { exploration = Number.NaN } }) => new Ucb(layers, exploration, seed),
};

/**
 * SplitEE with the paper's own cost.
 * How near to the paper: its algorithm and its reward, in which the cloud's layers are free. What is reported charges them
 * all the same, so that it shows what the paper's rule comes to where they are not.
 */
export const splitEEPaper: OnlinePolicy = {
  ...splitEE,
  id: 'splitee-paper',
  name: 'SplitEE, the paper’s cost',
  parameters: SPLITTING.parameters.map((spec) => (spec.id === 'cloudShare' ? { ...spec, default: 0 } : spec)),
};
