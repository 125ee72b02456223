import { lastOf } from '../numbers/at';
import { entropy as entropyOf } from '../numbers/calibration';
import type { Exit } from '../exits';
import { atMost, cascade, thresholdOf, tierThresholds } from './policy';

function latestEntropy(exits: readonly Exit[]): number {
  return entropyOf(lastOf(exits).probabilities);
}

/**
 * Leave when the entropy of the calibrated probabilities, in nats, is small enough: −Σ p ln p ≤ τ.
 * Source: BranchyNet (arXiv 1709.01686), DeeBERT (arXiv 2004.12993).
 * How near to the papers: their rule, with one threshold a tier, where BranchyNet has one an exit and DeeBERT one for all.
 */
export const entropy = cascade({
  id: 'entropy',
  name: 'Entropy',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the entropy of the class probabilities p is at most the threshold τ: −Σ p ln p ≤ τ',
  source: 'BranchyNet, arXiv 1709.01686; DeeBERT, arXiv 2004.12993',
  parameters: tierThresholds(
    { min: 0, max: 1.1, step: 0.005 },
    { mobile: 0.325, edge: 0.325, cloud: 0 },
    'A sentence leaves at the first layer of this tier whose entropy, in nats, is at most the threshold.',
  ),
  score: (exits) => -latestEntropy(exits),
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
});

/**
 * The same, divided by the entropy of K equally probable classes: −Σ p ln p / ln K ≤ τ, from 0 to 1 for any number of
 * classes. Source: DDNN (arXiv 1709.01921).
 */
export const normalisedEntropy = cascade({
  id: 'normalised-entropy',
  name: 'Normalised entropy',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the entropy of the class probabilities p, of the most there can be with K classes, is at most the threshold τ: −Σ p ln p / ln K ≤ τ',
  source: 'DDNN, arXiv 1709.01921',
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.47, edge: 0.47, cloud: 0 },
    'A sentence leaves at the first layer of this tier whose entropy, of the most there can be, is at most the threshold.',
  ),
  score: (exits) => -latestEntropy(exits) / Math.log(lastOf(exits).probabilities.length),
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
});
