import { scoreTrace } from '../trace/replay';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { sweepRising } from '../trace/sweep';
import { confidence, latestConfidence } from './confidence';
import { calibrationOf } from './needs';
import type { Policy } from './policy';

/**
 * Leave when max p ≥ τ, with the cheapest τ for which it is certain enough, by the calibration rows, that at most a share δ
 * of all samples is answered otherwise than by the last exit. Candidates are tried from the strictest down and the first
 * that fails ends the search (fixed-sequence testing), so the certainty holds for the τ that is found. A candidate fails
 * where the Clopper–Pearson upper bound on its disagreement, at that certainty, is above δ.
 * Source: CALM (arXiv 2207.07061), Learn-then-Test (arXiv 2110.01052). It holds for samples like the calibration rows.
 */
export const riskControlled: Policy = {
  id: 'risk-controlled',
  name: 'Risk-controlled',
  group: 'Fitted on calibration data',
  rule: 'leave when max p ≥ τ, the cheapest with P(answer ≠ last exit’s) ≤ δ at the certainty wanted',
  source: 'CALM, arXiv 2207.07061; Learn-then-Test, arXiv 2110.01052',
  route: 'cascade',
  needs: ['calibration'],
  parameters: [
    {
      id: 'disagreement',
      label: 'Disagreement',
      min: 0.005,
      max: 0.2,
      step: 0.005,
      default: 0.03,
      hint: 'At most this share of sentences may be answered otherwise than the last layer would.',
    },
    {
      id: 'certainty',
      label: 'Certainty',
      min: 0.5,
      max: 0.99,
      step: 0.01,
      default: 0.9,
      hint: 'How sure that must be, given that the calibration split is a sample.',
    },
  ],
  score: latestConfidence,
  threshold: (_place, { disagreement = Number.NaN, certainty = Number.NaN }, fitted) => {
    const calibration = calibrationOf(fitted);
    const most = mostDisagreeing(calibration.trace.rows, disagreement, 1 - certainty);
    const firstFailing = disagreementsOf(calibration).findIndex((disagreeing) => disagreeing > most);
    const passing = firstFailing < 0 ? CANDIDATES.length : firstFailing;
    return CANDIDATES[passing - 1] ?? Number.POSITIVE_INFINITY;
  },
};

/** Thresholds to try, strictest first: even steps of ln(τ / (1 − τ)), since confidences crowd near 1. */
const CANDIDATES = Array.from({ length: 221 }, (_, index) => 1 / (1 + Math.exp(-10 + index / 20)));

const disagreements = new WeakMap<CalibratedTrace, readonly number[]>();

/** Calibration rows that each candidate answers otherwise than the last exit; counted once for all settings. */
function disagreementsOf(calibration: CalibratedTrace): readonly number[] {
  const found = disagreements.get(calibration) ?? countDisagreements(calibration);
  disagreements.set(calibration, found);
  return found;
}

function countDisagreements(calibration: CalibratedTrace): readonly number[] {
  const scored = scoreTrace(calibration, { policy: confidence, parameters: {} });
  const rising = Float64Array.from(CANDIDATES).reverse();
  const points = sweepRising(scored, new Array<Float64Array>(scored.layers).fill(rising));
  return points.map(({ quality }) => Math.round(scored.rows * (1 - quality.agreementWithLastExit))).reverse();
}

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
