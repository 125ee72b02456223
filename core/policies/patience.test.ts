import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, scoresOf } from '../testing/exits';

describe('patience', () => {
  const [yes, no] = [
    [0.4, 0.6],
    [0.6, 0.4],
  ];

  test('leaves once as many exits in a row agree', () => {
    const exits = exitsWith(yes, no, no, yes, yes, yes);
    expect([1, 2, 3, 4].map((patience) => exitLayer('patience', { patience }, exits))).toEqual([1, 3, 6, undefined]);
  });

  test('scores the length of the last run', () => {
    const exits = exitsWith(yes, no, no, yes);
    expect(scoresOf('patience', exits)).toEqual([1, 1, 2, 1]);
  });

  test('counts across tiers', () => {
    expect(exitLayer('patience', { patience: 6 }, exitsWith(yes, yes, yes, yes, yes, yes))).toBe(6);
  });
});
