import { expect, test } from 'vitest';
import { logOdds } from './log-odds';

test('log odds are clamped where they would not be finite', () => {
  expect(logOdds(0.5, 10)).toBe(0);
  expect(logOdds(0.9, 10)).toBeCloseTo(Math.log(9), 12);
  expect([0, 1, 1e-9].map((p) => logOdds(p, 10))).toEqual([-10, 10, -10]);
});
