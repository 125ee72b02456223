import { lastOf } from '../numbers/at';
import { cascade, reachableBelowOne, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when a layer hardly changes the hidden state: cos(hₗ, hₗ₋₁) ≥ τ, both averaged over the tokens.
 * Source: CALM (arXiv 2207.07061). 1 is never reached.
 * How near to the paper: its measure, but there of the state of the token that is generated, and with a threshold that
 * falls with the token's place; a sentence has one state to leave with, so the mean and a threshold a tier are ours. The
 * ramp's pooled state would be another to compare, but the shipped layers do not put it out.
 * Live, each tier measures the layers that it runs; where the state has crossed to it, before is what arrived.
 * The default thresholds are those which, in steps of 0.01 and with at least 0.6 in the cloud, cost least on the calibration
 * splits of the shipped model without losing accuracy to its last exit on average over tasks, with the default plan.
 */
export const saturation = cascade({
  id: 'saturation',
  name: 'Saturation',
  group: 'How layers follow each other',
  rule: 'answered when a layer hardly changes the hidden state: the cosine between that after it, hₗ, and that before it, hₗ₋₁, reaches the threshold τ',
  source: 'CALM, arXiv 2207.07061',
  needs: ['saturation'],
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.92, edge: 0.88, cloud: 0.6 },
    'A sentence leaves at the first layer of this tier that turns its hidden state by so little.',
  ),
  score: (exits) => lastOf(exits).saturation ?? Number.NEGATIVE_INFINITY,
  threshold: ({ tier }, parameters) => reachableBelowOne(thresholdOf(tier, parameters)),
});
