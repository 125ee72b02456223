import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith } from '../testing/exits';

describe('joint split and exit', () => {
  const exits = exitsWith([0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.9, 0.1], [0.05, 0.95]);
  const leavesAt = (threshold: number, mobileLayers = 4) =>
    exitLayer('spinn', { threshold }, exits, { plan: { mobileLayers, edgeLayers: 8 } });

  test('leaves at the first exit that reaches the one threshold', () => {
    expect([0, 0.6, 0.75, 0.85, 0.94, 0.96].map((threshold) => leavesAt(threshold))).toEqual([
      1,
      1,
      3,
      4,
      5,
      undefined,
    ]);
  });

  test('leaves at a confidence that equals the threshold', () => {
    expect(leavesAt(exits[1]?.confidence ?? 0)).toBe(2);
  });

  test('does not mind which tier runs a layer', () => {
    expect([1, 3, 5, 8].map((mobileLayers) => leavesAt(0.94, mobileLayers))).toEqual([5, 5, 5, 5]);
  });

  test('a threshold of 1 is never reached', () => {
    expect(exitLayer('spinn', { threshold: 1 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});
