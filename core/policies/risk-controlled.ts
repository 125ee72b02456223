import { byConfidence } from './confidence';
import { cheapestPassing } from './disagreements';
import { disagreementsOf } from './needs';
import { cascade } from './policy';

/**
 * Leave when max p ≥ τ, with the cheapest τ for which it is certain enough, by the calibration rows, that at most a share δ
 * of all samples is answered otherwise than by the last exit. Candidates are tried from the strictest down and the first
 * that fails ends the search (fixed-sequence testing), so the certainty holds for the τ that is found. A candidate fails
 * where the Clopper–Pearson upper bound on its disagreement, at that certainty, is above δ.
 * Source: CALM (arXiv 2207.07061), Learn-then-Test (arXiv 2110.01052).
 * How near to the papers: their test and CALM's loss, textual consistency, for labels. The exact binomial bound stands where the paper has Hoeffding's and Bentkus's, as losses are 0 or 1 here. It holds
 * for samples like the calibration rows, and for δ and certainty that were fixed beforehand: no search changes them.
 */
export const riskControlled = cascade({
  id: 'risk-controlled',
  name: 'Risk-controlled',
  group: 'Fitted on calibration data',
  rule: 'answered when the confidence max p reaches the threshold τ: the cheapest under which answers differ from those of all layers with a probability of at most δ, at the certainty wanted',
  source: 'CALM, arXiv 2207.07061; Learn-then-Test, arXiv 2110.01052',
  needs: ['disagreements'],
  parameters: [
    {
      id: 'disagreement',
      label: 'Disagreement',
      min: 0.005,
      max: 0.2,
      step: 0.005,
      default: 0.01,
      hint: 'At most this share of sentences may be answered otherwise than the last layer would.',
      isPromise: true,
    },
    {
      id: 'certainty',
      label: 'Certainty',
      min: 0.5,
      max: 0.99,
      step: 0.01,
      default: 0.9,
      hint: 'How sure that must be, given that the calibration split is a sample.',
      isPromise: true,
    },
  ],
  ...byConfidence,
  threshold: (_place, { disagreement = Number.NaN, certainty = Number.NaN }, fitted) => {
    const { rows, counts } = disagreementsOf(fitted);
    return cheapestPassing(counts, mostDisagreeing(rows, disagreement, 1 - certainty));
  },
});

/**
 * The most disagreeing rows of n that still show a rate of at most δ: the largest k with P(X ≤ k) ≤ ε for X binomial with n
 * and δ, which is to say that the Clopper–Pearson upper bound of k in n at level 1 − ε is at most δ. −1 where not even 0 do.
 */
function mostDisagreeing(rows: number, rate: number, errorLevel: number): number {
  let logProbability = rows * Math.log1p(-rate);
  let cumulated = Math.exp(logProbability);
  let k = 0;
  while (k < rows && cumulated <= errorLevel) {
    logProbability += Math.log((rows - k) / (k + 1)) + Math.log(rate) - Math.log1p(-rate);
    cumulated += Math.exp(logProbability);
    k++;
  }
  return k - 1;
}
