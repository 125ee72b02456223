import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, scoresOf, sure } from '../testing/exits';
import { withData } from '../testing/fake-policy-files';
import type { PolicyData } from './policy-data';

describe('expected loss', () => {
  const losses = { changes: { weight: -1, bias: -2.5 }, lastIsRight: { weight: -0.25, bias: 1 } };
  const harmless = { changes: { weight: 0, bias: -30 }, lastIsRight: { weight: 0, bias: 30 } };
  const expectedLosses = new Array(11).fill(losses).with(2, harmless) as PolicyData['expectedLosses'];
  const fitted = withData({ expectedLosses });
  const exits = exitsWith(sure(0.6), sure(0.8), sure(0.5), sure(0.99));

  test('is in points: how often answers change, times how much more often the last one is right', () => {
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const points = (x: number) => 100 * sigmoid(-2.5 - x) * (2 * sigmoid(1 - x / 4) - 1);
    const expected = [points(Math.log(1.5)), points(Math.log(4)), 0, points(Math.log(99))].map((loss) =>
      expect.closeTo(-loss, 9),
    );
    expect(scoresOf('expected-loss', exits, fitted)).toEqual(expected);
  });

  test('lets a sentence go where it is at most the threshold of the tier, and none at 0', () => {
    const leavesAt = (mobileThreshold: number) =>
      exitLayer('expected-loss', { mobileThreshold, edgeThreshold: 0 }, exits, { fitted });
    expect([5, 2, 1, 0.6, 0.01, 0].map(leavesAt)).toEqual([1, 2, 2, 3, 3, undefined]);
  });
});
