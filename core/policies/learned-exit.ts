import { at } from '../numbers/at';
import { featureOf } from './exit-features';
import { policyDataOf } from './needs';
import { cascade, reachableBelowOne, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when this exit is probably right: σ(wₗ · f + bₗ) ≥ τ, with a logistic regression for each exit over what exits
 * 1..l say (`exit-features.ts`), fitted on the calibration split. 1 is never reached.
 * Source: BERxiT's learning-to-exit module (EACL 2021).
 * How near to the paper: there one linear layer for all exits looks at the hidden state and is trained with the network;
 * a trace holds no states, so what exits say stands for them here. The state to learn from would be the ramp's pooled one,
 * which the shipped layers do not put out (`training/README.md`): it wants other files, live as well as recorded.
 */
export const learnedExit = cascade({
  id: 'learned-exit',
  name: 'Learned exit',
  group: 'Fitted on calibration data',
  rule: 'answered when the estimated probability that this exit is right reaches the threshold τ: σ(wₗ · f + bₗ) ≥ τ, with features f of the exits and weights wₗ, bₗ fitted for layer l',
  source: 'BERxiT, EACL 2021',
  needs: ['policyData'],
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.95, edge: 0.95, cloud: 1 },
    'A sentence leaves at the first layer of this tier that is right with this probability, by what was learned.',
  ),
  score: (exits, { fitted }) => {
    const { features, weights } = policyDataOf(fitted).learnedExit;
    const ofExit = at(weights, exits.length - 1);
    const bias = at(ofExit, features.length);
    const logit = features.reduce(
      (sum, feature, index) => sum + at(ofExit, index) * featureOf[feature](exits, weights.length),
      bias,
    );
    return 1 / (1 + Math.exp(-logit));
  },
  threshold: ({ tier }, parameters) => reachableBelowOne(thresholdOf(tier, parameters)),
});
