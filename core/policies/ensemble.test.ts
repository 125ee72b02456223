import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, scoresOf, sure } from '../testing/exits';
import { withData } from '../testing/fake-policy-files';

describe('ensemble', () => {
  const errorRates = [0.5, 0.4, 0.3, 0.2, 0.1, 0, 0, 0, 0, 0, 0, 0];
  const fitted = withData({ errorRates });
  const exits = exitsWith(sure(0.8), sure(0.9), sure(0.3), sure(0.4), sure(0.1));

  test('adds confidences, weighted by how often the exit is right, while exits agree, and starts again where they do not', () => {
    // The third exit names the other class, with 0.7; the fourth agrees with it by 0.6, the fifth by 0.9.
    const expected = [
      0.5 * 0.8,
      0.5 * 0.8 + 0.6 * 0.9,
      0.7 * 0.7,
      0.7 * 0.7 + 0.8 * 0.6,
      0.7 * 0.7 + 0.8 * 0.6 + 0.9 * 0.9,
    ];
    expect(scoresOf('ensemble', exits, fitted)).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  test('leaves once that is enough, across tiers too', () => {
    const leavesAt = (evidence: number) => exitLayer('ensemble', { evidence }, exits, { fitted });
    expect([0.4, 0.9, 0.95, 1.5, 1.8].map(leavesAt)).toEqual([1, 2, 4, 5, undefined]);
  });
});
