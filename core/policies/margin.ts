import { lastOf } from '../numbers/at';
import { marginOf } from './exit-features';
import { cascade, reachableBelowOne, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when the most probable class is far enough ahead of the second: p(1) − p(2) ≥ τ.
 * Source: CALM (arXiv 2207.07061), there called softmax response. 1 is never reached.
 * How near to the paper: its measure; there each token of a decoder leaves, here a sentence, and a threshold a tier is ours.
 */
export const margin = cascade({
  id: 'margin',
  name: 'Margin',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the two most probable classes, p(1) and p(2), are the threshold τ apart: p(1) − p(2) ≥ τ',
  source: 'CALM, arXiv 2207.07061',
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.8, edge: 0.8, cloud: 1 },
    'A sentence leaves at the first layer of this tier whose best class leads the second by the threshold.',
  ),
  score: (exits) => marginOf(lastOf(exits).probabilities),
  threshold: ({ tier }, parameters) => reachableBelowOne(thresholdOf(tier, parameters)),
});
