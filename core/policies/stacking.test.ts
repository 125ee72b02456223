import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { calibrationWith } from '../testing/calibration-exits';
import { seededRandom } from '../testing/random';
import { stackedWeights } from './stacking';

const [one, two, three] = [toLayer(1), toLayer(2), toLayer(3)];

describe('stacked weights', () => {
  test('are even where exits are as good as each other, and all of one that is better on every row', () => {
    for (const pool of ['linear', 'logLinear'] as const) {
      const alike = calibrationWith({ 1: [0.9, 0.6], 2: [0.6, 0.9] });
      expect(stackedWeights(pool, [one, two], alike)).toEqual([expect.closeTo(0.5, 5), expect.closeTo(0.5, 5)]);
      const better = calibrationWith({ 1: [0.6, 0.7], 2: [0.9, 0.8] });
      expect(stackedWeights(pool, [one, two], better)).toEqual([expect.closeTo(0, 2), expect.closeTo(1, 2)]);
      expect(stackedWeights(pool, [two], better)).toEqual([1]);
    }
  });

  test('of a linear pool, by hand: Σ ln(w pᵢ + (1 − w) qᵢ) has its slope 0', () => {
    // Rows (0.8, 0.2) and (0.3, 0.5): 0.6 / (0.2 + 0.6 w) = 0.2 / (0.5 − 0.2 w) at w = 0.26 / 0.24 > 1, so that w is 1; with
    // (0.2, 0.6) for the second, 0.6 / (0.2 + 0.6 w) = 0.4 / (0.6 − 0.4 w) at w = 0.28 / 0.48.
    const weights = (second: readonly [number, number]) =>
      stackedWeights('linear', [one, two], calibrationWith({ 1: [0.8, second[0]], 2: [0.2, second[1]] }));
    expect(weights([0.3, 0.5])[0]).toBeCloseTo(1, 2);
    expect(weights([0.2, 0.6])[0]).toBeCloseTo(0.28 / 0.48, 4);
  });

  test('make the right labels no less probable than any other weights', () => {
    const random = seededRandom(4);
    const draw = () => Array.from({ length: 60 }, () => 0.05 + 0.9 * random());
    const calibration = calibrationWith({ 1: draw(), 2: draw(), 3: draw() });
    const { probabilities } = calibration;
    const p = (row: number, layer: number) => probabilities[(row * 12 + layer - 1) * 2] ?? 0;
    const rows = [...Array(60).keys()];
    const linear = (w: readonly number[]) =>
      rows.reduce((sum, row) => sum + Math.log(w.reduce((all, weight, i) => all + weight * p(row, i + 1), 0)), 0);
    const best = linear(stackedWeights('linear', [one, two, three], calibration));
    const logLinear = (w: number) =>
      rows.reduce((sum, row) => {
        const [gold, other] = [
          p(row, 1) ** w * p(row, 2) ** (1 - w),
          (1 - p(row, 1)) ** w * (1 - p(row, 2)) ** (1 - w),
        ];
        return sum + Math.log(gold / (gold + other));
      }, 0);
    const found = logLinear(stackedWeights('logLinear', [one, two], calibration)[0] ?? 0);
    for (let a = 0; a <= 20; a++) {
      expect(logLinear(a / 20)).toBeLessThanOrEqual(found + 1e-6);
      for (let b = 0; a + b <= 20; b++) {
        expect(linear([a / 20, b / 20, (20 - a - b) / 20])).toBeLessThanOrEqual(best + 1e-4);
      }
    }
  });
});
