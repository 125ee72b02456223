import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith, sure, unsure } from '../testing/exits';

describe('confidence, exit by exit', () => {
  // Layers 1, 6 and 11 ask for 0.9, 0.8 and 0.7: 0.02 less a layer.
  const line = { firstThreshold: 0.9, lastThreshold: 0.7 };

  test.each([
    [1, 0.9],
    [2, 0.88],
    [6, 0.8],
    [11, 0.7],
  ])('asks for less from layer to layer: at layer %i for %f', (layer, threshold) => {
    const upTo = (p: number) => exitsWith(...unsure(layer - 1), sure(p));
    expect(exitLayer('confidence-per-exit', line, upTo(threshold + 1e-9))).toBe(layer);
    expect(exitLayer('confidence-per-exit', line, upTo(threshold - 1e-9))).toBeUndefined();
  });

  test('does not mind which tier runs a layer', () => {
    const exits = exitsWith(...unsure(5), sure(0.81));
    for (const mobileLayers of [1, 5, 6, 12]) {
      const plan = { mobileLayers, edgeLayers: 12 };
      expect(exitLayer('confidence-per-exit', line, exits, { plan })).toBe(6);
    }
  });

  test('with both thresholds at 1 nothing leaves before the last layer', () => {
    const certain = exitsOf(new Array<number[]>(12).fill([800, 0]), new Array<number>(12).fill(1));
    expect(exitLayer('confidence-per-exit', { firstThreshold: 1, lastThreshold: 1 }, certain)).toBe(12);
  });
});
