import { lastOf } from '../numbers/at';
import type { Exit } from '../exits';
import { cascade, reachableBelowOne, thresholdOf, tierThresholds } from './policy';

/** The score of every policy that asks for confidence: the calibrated maximum class probability of the latest exit. */
export const byConfidence = {
  asksForConfidence: true,
  score: (exits: readonly Exit[]) => lastOf(exits).confidence,
} as const;

/**
 * Leave when the calibrated maximum class probability reaches the tier's threshold: max p ≥ τ.
 * A threshold of 1 is never reached, so that tier runs all its layers.
 * Source: MSDNet (arXiv 1703.09844) for the rule, DIMEE (arXiv 2410.05338) for the three tiers.
 * How near to the papers: the rule is theirs. MSDNet has a threshold for each exit and DIMEE's released code one for all;
 * one a tier is ours, as are temperatures, which make confidences of different exits mean the same.
 */
export const confidence = cascade({
  id: 'confidence',
  name: 'Confidence',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the confidence, the greatest class probability p, reaches the threshold τ: max p ≥ τ',
  source: 'MSDNet, arXiv 1703.09844; DIMEE, arXiv 2410.05338',
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.9, edge: 0.9, cloud: 1 },
    'A sentence leaves at the first layer of this tier whose confidence reaches the threshold.',
  ),
  ...byConfidence,
  threshold: ({ tier }, parameters) => reachableBelowOne(thresholdOf(tier, parameters)),
});
