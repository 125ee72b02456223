import type { OnlinePolicy } from './online-policy';
import { SPLITTING } from './split-arms';
import { startSideObserving } from './split-ee-s';

/**
 * I-SplitEE: as SplitEE-S, where the mobile tier also pays e for each exit ramp passed; here a ramp follows every layer, so
 * r(i) = C_i − (λ + e)·i if C_i ≥ α, else C_L − o − s·λ·(L − i) − (λ + e)·i. It needs no labels.
 * Source: I-SplitEE (arXiv 2401.10541).
 * How near to the paper: our reconstruction of its reward. What the paper is about is a stream whose distortion changes. Its
 * row in `compare` is of one split in random order and says nothing of that; `compare --changing` and a choice on the page
 * have rows that are mistyped from half-way on, where the paper distorts pictures. The cost of a ramp is a parameter of ours,
 * and is in the reward alone, since the cost model counts a layer together with its ramp.
 */
export const iSplitEE: OnlinePolicy = {
  ...SPLITTING,
  id: 'i-splitee',
  name: 'I-SplitEE',
  rule: 'SplitEE-S with the cost e of each exit ramp passed: reward C_i − (λ + e)i if C_i ≥ α, else C_L − o − sλ(L − i) − (λ + e)i. C_i is the confidence after layer i, L the last layer, α the threshold, λ a layer’s cost, o a crossing’s, s the cloud’s share',
  source: 'I-SplitEE, arXiv 2401.10541',
  parameters: [
    ...SPLITTING.parameters,
    {
      id: 'rampCost',
      label: 'Ramp cost',
      min: 0,
      max: 1,
      step: 0.05,
      default: 0.2,
      hint: 'What looking at one exit costs, as a share of the layer before it.',
    },
  ],
  start: startSideObserving,
};
