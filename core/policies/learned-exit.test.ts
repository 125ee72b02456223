import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, scoresOf, sure } from '../testing/exits';
import { withData } from '../testing/fake-policy-files';

describe('learned exit', () => {
  test('weighs what is known of an exit, by the weights of its layer, into a probability', () => {
    const weights = new Array<number[]>(12).fill([0, 0, 0]);
    weights[0] = [2, 0, -1];
    weights[1] = [0, 3, 0.5];
    const fitted = withData({ learnedExit: { features: ['margin', 'agreement'], weights } });
    // Margins 0.6 and 0.2; the second exit agrees with the first, the third does not.
    const scores = scoresOf('learned-exit', exitsWith(sure(0.8), sure(0.6), sure(0.2)), fitted);
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const expected = [sigmoid(2 * 0.6 - 1), sigmoid(3 + 0.5), sigmoid(0)];
    expect(scores).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  test.each([
    ['confidenceLogit', [Math.log(4), Math.log(1.5), Math.log(4), 10]],
    ['margin', [0.6, 0.2, 0.6, 1]],
    ['agreement', [0, 1, 0, 1]],
    ['run', [1 / 12, 2 / 12, 1 / 12, 2 / 12]],
    ['previousConfidenceLogit', [0, Math.log(4), Math.log(1.5), Math.log(4)]],
  ] as const)('%s is what the contract with training says', (feature, expected) => {
    const weights = new Array<number[]>(12).fill([1, 0]);
    const fitted = withData({ learnedExit: { features: [feature], weights } });
    const scores = scoresOf('learned-exit', exitsWith(sure(0.8), sure(0.6), sure(0.2), sure(1e-9)), fitted);
    const logits = scores.map((p) => Math.log(p / (1 - p)));
    expect(logits).toEqual(expected.map((logit) => expect.closeTo(logit, 6)));
  });

  test('leaves at the first layer of the tier that is probably right', () => {
    const weights = new Array<number[]>(12).fill([1, 0]);
    const fitted = withData({ learnedExit: { features: ['confidenceLogit'], weights } });
    const exits = exitsWith(sure(0.7), sure(0.85), sure(0.6), sure(0.6), sure(0.75));
    const leavesAt = (mobileThreshold: number, edgeThreshold: number) =>
      exitLayer('learned-exit', { mobileThreshold, edgeThreshold }, exits, { fitted });
    expect([leavesAt(0.6, 1), leavesAt(0.8, 1), leavesAt(0.9, 0.7), leavesAt(0.9, 0.8)]).toEqual([1, 2, 5, undefined]);
  });
});
