import { entropy as entropyOf } from '../calibration';
import { type Policy, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when the entropy of the calibrated probabilities, in nats, is small enough: −Σ p ln p ≤ τ.
 * Source: BranchyNet (arXiv 1709.01686), DeeBERT (arXiv 2004.12993). A threshold of 0 is never reached.
 */
export const entropy: Policy = {
  id: 'entropy',
  name: 'Entropy',
  rule: 'leave when −Σ p ln p ≤ τ',
  source: 'BranchyNet, arXiv 1709.01686; DeeBERT, arXiv 2004.12993',
  route: 'cascade',
  parameters: tierThresholds(
    { min: 0, max: 1.1, step: 0.005 },
    { mobile: 0.325, edge: 0.325, cloud: 0 },
    'A sentence leaves at the first layer of this tier whose entropy, in nats, is at most the threshold.',
  ),
  score: (exits) => entropyOf(exits.at(-1)?.probabilities ?? []),
  exitRule: (tier, parameters) => {
    const threshold = thresholdOf(tier, parameters);
    return (score) => threshold > 0 && score <= threshold;
  },
};
