import { at, lastOf } from '../numbers/at';
import { policyDataOf } from './needs';
import { cascade } from './policy';

/**
 * Exits are experts whose confidences add up for as long as they agree: Sₗ = wₗ · max pₗ, plus Sₗ₋₁ where exit l − 1
 * names the same class. Leave when Sₗ ≥ τ. An expert counts by its accuracy on the calibration split, wₗ = 1 − error rate.
 * Source: BEEM, weighted by accuracy (arXiv 2502.00745). The sum goes on across tiers.
 */
export const ensemble = cascade({
  id: 'ensemble',
  name: 'Ensemble of exits',
  group: 'How layers follow each other',
  rule: 'answered when the weighted confidences of the latest exits that agree reach the threshold τ: Σ wₗ · max pₗ ≥ τ, with the weight wₗ of layer l',
  source: 'BEEM, arXiv 2502.00745',
  needs: ['policyData'],
  parameters: [
    {
      id: 'evidence',
      label: 'Evidence',
      min: 0,
      max: 'layers',
      step: 0.05,
      default: 2.5,
      hint: 'A sentence leaves once the confidences of exits that agree add up to this, each weighted by how often that exit is right.',
    },
  ],
  score: (exits, { fitted }) => {
    const { errorRates } = policyDataOf(fitted);
    const { label } = lastOf(exits);
    let sum = 0;
    for (let index = exits.length - 1; index >= 0 && exits[index]?.label === label; index--) {
      sum += (1 - at(errorRates, index)) * at(exits, index).confidence;
    }
    return sum;
  },
  threshold: (_place, { evidence = Number.NaN }) => evidence,
});
