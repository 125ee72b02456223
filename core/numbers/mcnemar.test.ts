import { describe, expect, test } from 'vitest';
import { exactShareInterval, mcNemarExact } from './mcnemar';

describe('the exact test of McNemar', () => {
  test.each([
    [0, 0, 1],
    // Both ends of 2⁵ and of 2⁶ equally likely ways.
    [0, 5, 2 / 32],
    [6, 0, 2 / 64],
    // None or one of eight: 1 + 8 ways of 2⁸, on either side.
    [1, 7, 18 / 256],
    [3, 3, 1],
    // 0 to 2 of ten: 1 + 10 + 45 of 1,024.
    [8, 2, 112 / 1024],
  ])('%i against %i has p = %f', (one, other, p) => {
    expect(mcNemarExact(one, other)).toBeCloseTo(p, 12);
  });

  test('holds for many rows', () => {
    expect(mcNemarExact(5000, 5000)).toBe(1);
    // A standard deviation is √10,000 / 2 = 50, so 98 is 1.96 of them.
    expect(mcNemarExact(4902, 5098)).toBeCloseTo(0.05, 2);
  });
});

describe('the exact interval of a share', () => {
  test('by hand: with no hit in n it ends where (1 − p)ⁿ is 2.5 %', () => {
    const [low, high] = exactShareInterval(0, 10);
    expect(low).toBe(0);
    expect((1 - high) ** 10).toBeCloseTo(0.025, 9);
    expect(exactShareInterval(10, 10)[0]).toBeCloseTo(1 - high, 9);
  });

  test('of nothing is everything', () => expect(exactShareInterval(0, 0)).toEqual([0, 1]));

  test('spans one half just where the test does not reject', () => {
    for (let trials = 1; trials <= 24; trials++) {
      for (let hits = 0; hits <= trials; hits++) {
        const [low, high] = exactShareInterval(hits, trials);
        expect(low < 0.5 && high > 0.5).toBe(mcNemarExact(hits, trials - hits) > 0.05);
      }
    }
  });
});
