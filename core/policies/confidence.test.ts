import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith } from '../testing/exits';

describe('confidence', () => {
  const exits = exitsWith([0.6, 0.4], [0.2, 0.8], [0.5, 0.5], [0.7, 0.3], [0.15, 0.85], [0.95, 0.05]);

  test('leaves at the first exit that reaches its tier’s threshold', () => {
    expect(exitLayer('confidence', { mobileThreshold: 0.75 }, exits)).toBe(2);
    // Layers 1 to 4 are the mobile tier’s, 5 to 8 the edge’s.
    expect(exitLayer('confidence', { mobileThreshold: 0.9, edgeThreshold: 0.8 }, exits)).toBe(5);
    expect(exitLayer('confidence', { mobileThreshold: 0.9, edgeThreshold: 0.9 }, exits)).toBe(6);
  });

  test('leaves at a confidence that equals the threshold', () => {
    const [, second] = exits;
    expect(exitLayer('confidence', { mobileThreshold: second?.confidence ?? 0 }, exits)).toBe(2);
  });

  test('a threshold of 1 is never reached, not even by a confidence that is 1 in floating point', () => {
    const certain = exitsOf([[800, 0]], [1]);
    expect(certain[0]?.confidence).toBe(1);
    expect(exitLayer('confidence', { mobileThreshold: 1 }, certain)).toBeUndefined();
    expect(exitLayer('confidence', { mobileThreshold: 0.995 }, certain)).toBe(1);
  });

  test('a threshold of 0 is reached at once', () => {
    expect(exitLayer('confidence', { mobileThreshold: 0 }, exits)).toBe(1);
  });
});
