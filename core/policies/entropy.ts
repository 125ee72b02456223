import { lastOf } from '../numbers/at';
import { entropy as entropyOf } from '../numbers/calibration';
import type { Exit } from '../exits';
import { type Policy, thresholdOf, tierThresholds } from './policy';

/** A threshold of 0 is never reached. Scores are negated, so that a smaller entropy is the higher score. */
function atMost(threshold: number): number {
  return threshold > 0 ? -threshold : Number.POSITIVE_INFINITY;
}

function latestEntropy(exits: readonly Exit[]): number {
  return entropyOf(lastOf(exits).probabilities);
}

/**
 * Leave when the entropy of the calibrated probabilities, in nats, is small enough: −Σ p ln p ≤ τ.
 * Source: BranchyNet (arXiv 1709.01686), DeeBERT (arXiv 2004.12993).
 */
export const entropy: Policy = {
  id: 'entropy',
  name: 'Entropy',
  role: 'method',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'leave when −Σ p ln p ≤ τ',
  source: 'BranchyNet, arXiv 1709.01686; DeeBERT, arXiv 2004.12993',
  route: 'cascade',
  needs: [],
  parameters: tierThresholds(
    { min: 0, max: 1.1, step: 0.005 },
    { mobile: 0.325, edge: 0.325, cloud: 0 },
    'A sentence leaves at the first layer of this tier whose entropy, in nats, is at most the threshold.',
  ),
  score: (exits) => -latestEntropy(exits),
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
};

/**
 * The same, divided by the entropy of K equally probable classes: −Σ p ln p / ln K ≤ τ, from 0 to 1 for any number of
 * classes. Source: DDNN (arXiv 1709.01921).
 */
export const normalisedEntropy: Policy = {
  id: 'normalised-entropy',
  name: 'Normalised entropy',
  role: 'method',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'leave when −Σ p ln p / ln K ≤ τ',
  source: 'DDNN, arXiv 1709.01921',
  route: 'cascade',
  needs: [],
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.47, edge: 0.47, cloud: 0 },
    'A sentence leaves at the first layer of this tier whose entropy, of the most there can be, is at most the threshold.',
  ),
  score: (exits) => -latestEntropy(exits) / Math.log(lastOf(exits).probabilities.length),
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
};
