import { describe, expect, test } from 'vitest';
import { saturationOf } from './saturation';

const state = (hidden: number, ...data: number[]) => ({
  tokens: data.length / hidden,
  hidden,
  data: Float32Array.from(data),
});

describe('how alike two hidden states are', () => {
  test('is the cosine of their means over the tokens', () => {
    // Means (1, 0) and (1, 1).
    expect(saturationOf(state(2, 2, 1, 0, -1), state(2, 0, 2, 2, 0))).toBeCloseTo(Math.SQRT1_2, 12);
    // (3, 4) and (4, 3): 24 / 25.
    expect(saturationOf(state(2, 3, 4), state(2, 4, 3))).toBeCloseTo(0.96, 12);
  });

  test('is 1 for the same direction, at any length, and −1 for the opposite one', () => {
    const third = state(3, 0.1, 0.2, 0.3);
    expect(saturationOf(third, state(3, 0.2, 0.4, 0.6))).toBeCloseTo(1, 6);
    expect(saturationOf(third, third)).toBeLessThanOrEqual(1);
    expect(saturationOf(third, state(3, -0.1, -0.2, -0.3))).toBeCloseTo(-1, 6);
  });

  test('is 0 where a state has no direction', () => {
    expect(saturationOf(state(2, 0, 0), state(2, 1, 1))).toBe(0);
  });
});
