import { type Policy, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when the calibrated maximum class probability reaches the tier's threshold: max p ≥ τ.
 * Source: DIMEE's released code, MSDNet (arXiv 1703.09844). A threshold of 1 is never reached, so that tier runs all its layers.
 */
export const confidence: Policy = {
  id: 'confidence',
  name: 'Confidence',
  rule: 'leave when max p ≥ τ',
  source: 'DIMEE, arXiv 2410.05338; MSDNet, arXiv 1703.09844',
  route: 'cascade',
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.9, edge: 0.9, cloud: 1 },
    'A sentence leaves at the first layer of this tier whose confidence reaches the threshold.',
  ),
  score: (exits) => exits.at(-1)?.confidence ?? 0,
  exitRule: (tier, parameters) => {
    const threshold = thresholdOf(tier, parameters);
    return (score) => threshold < 1 && score >= threshold;
  },
};
