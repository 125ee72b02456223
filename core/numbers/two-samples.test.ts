import { describe, expect, test } from 'vitest';
import { drawLot } from './lots';
import { kolmogorovSmirnov } from './two-samples';

describe('Kolmogorov and Smirnov', () => {
  test('take the greatest distance of two distribution functions', () => {
    // After 2 the one has 2 of 4 and the other none of 2; after 3 it is 3 of 4 against 1 of 2.
    expect(kolmogorovSmirnov([1, 2, 3, 4], [3, 5]).distance).toBe(0.5);
    expect(kolmogorovSmirnov([1, 1, 2], [1, 1, 2]).distance).toBe(0);
    expect(kolmogorovSmirnov([1, 2], [3, 4]).distance).toBe(1);
  });

  test('say how likely that is by chance', () => {
    const draw = (seed: number, count: number) => Array.from({ length: count }, (_, row) => drawLot(seed, row));
    const shares = Array.from(
      { length: 200 },
      (_, seed) => kolmogorovSmirnov(draw(seed, 80), draw(seed + 1000, 120)).pValue,
    );
    const below = (level: number) => shares.filter((p) => p < level).length / shares.length;
    expect(below(0.5)).toBeGreaterThan(0.35);
    expect(below(0.5)).toBeLessThan(0.65);
    expect(below(0.05)).toBeLessThan(0.1);
    // λ = (√(50 · 50 / 100) + 0.12 + 0.11 / √25) · 0.4 is 2.0568, whose tail is 2 exp(−2 λ²) to four digits.
    const one = Array.from({ length: 50 }, (_, row) => row);
    const other = one.map((value) => value + 19.5);
    expect(kolmogorovSmirnov(one, other)).toEqual({
      distance: 0.4,
      pValue: expect.closeTo(2 * Math.exp(-2 * 2.0568 ** 2), 6),
    });
  });
});
