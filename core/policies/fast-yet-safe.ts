import { byConfidence } from './confidence';
import { cheapestPassing } from './disagreements';
import { disagreementsOf } from './needs';
import { cascade } from './policy';

/**
 * Leave when max p ≥ τ, with the cheapest τ for which at most a share ε of all samples is expected to be lost: answered
 * wrongly where the last exit is right. By conformal risk control: of n calibration rows with k lost, (k + 1) / (n + 1) ≤ ε
 * for τ and every stricter candidate.
 * Source: Fast yet Safe (arXiv 2405.20915).
 * How near to the paper: its conformal rule for the gap in performance, with that loss cut off at 0. It holds on average over calibration splits, not with a certainty, and for samples like the calibration rows; ε is fixed
 * beforehand. The paper's other rule, an upper bound at a certainty, is what `risk-controlled.ts` has for another loss.
 */
export const fastYetSafe = cascade({
  id: 'fast-yet-safe',
  name: 'Fast yet safe',
  group: 'Fitted on calibration data',
  rule: 'answered when the confidence max p reaches the threshold τ: the cheapest under which a share of at most ε is expected to be answered wrongly where all layers are right, (k + 1) / (n + 1) ≤ ε for k such of n calibration rows',
  source: 'Fast yet Safe, arXiv 2405.20915',
  needs: ['disagreements'],
  parameters: [
    {
      id: 'risk',
      label: 'Risk',
      min: 0.001,
      max: 0.1,
      step: 0.001,
      default: 0.01,
      hint: 'At most this share of sentences may be expected to lose a right answer of the last layer.',
      isPromise: true,
    },
  ],
  ...byConfidence,
  threshold: (_place, { risk = Number.NaN }, fitted) => {
    const { rows, losses } = disagreementsOf(fitted);
    return cheapestPassing(losses, Math.floor(risk * (rows + 1) + 1e-9) - 1);
  },
});
