import { predictLogistic } from '../numbers/logistic';
import { confidenceLogit } from './exit-features';
import { policyDataOf } from './needs';
import type { PolicyData } from './policy-data';
import { atMost, cascade, thresholdOf, tierThresholds } from './policy';

/**
 * Leave when that is expected to lose at most so many points of accuracy to the last exit, given this exit's confidence:
 * P(one of the two is right and the other wrong) · (2 P(it is the last one) − 1). The first is fitted to the task's
 * calibration rows, exit by exit; the second to those of all tasks together, since few rows tell it badly
 * (`training/calibration/expected_losses.py`). So a threshold means the same at every exit, and on every task. At 0 nothing leaves.
 * Source, and how near to a paper: this project's own, none; the model's report takes its plans and thresholds from the same numbers.
 */
export const expectedLoss = cascade({
  id: 'expected-loss',
  name: 'Expected loss',
  group: 'Fitted on calibration data',
  rule: 'answered when all layers are expected to be right more often by at most the threshold τ, in points, given the confidence here',
  source: 'this project',
  needs: ['policyData'],
  parameters: tierThresholds(
    { min: 0, max: 5, step: 0.01 },
    { mobile: 0.5, edge: 0.5, cloud: 0 },
    'A sentence leaves at the first layer of this tier where that is expected to lose at most so many points of accuracy.',
  ),
  score: (exits, { fitted }) => {
    const ofExit = policyDataOf(fitted).expectedLosses[exits.length - 1];
    return ofExit ? -100 * lossExpectedAt(ofExit, confidenceLogit(exits.at(-1))) : Number.NEGATIVE_INFINITY;
  },
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
});

/** What leaving at an exit is expected to lose to the last one, as a share of one right answer, given ln(p / (1 − p)) there. */
export function lossExpectedAt(
  { changes, lastIsRight }: PolicyData['expectedLosses'][number],
  confidenceLogOdds: number,
): number {
  return predictLogistic(changes, confidenceLogOdds) * (2 * predictLogistic(lastIsRight, confidenceLogOdds) - 1);
}
