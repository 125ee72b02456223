import { describe, expect, test } from 'vitest';
import { bootstrapMeans, percentileInterval } from './bootstrap';
import { seededRandom } from '../testing/random';

describe('the bootstrap', () => {
  test('by hand: rows are drawn with replacement, the same for every column', () => {
    // Of three rows: 0, 0, 2, then 1, 2, 2.
    const draws = [0, 0.3, 0.9, 0.4, 0.7, 0.99];
    const columns = [Float64Array.of(1, 10, 100), Float64Array.of(0, 0, 3)];
    const means = bootstrapMeans(columns, 2, () => draws.shift() ?? Number.NaN);
    expect(means.map((ofColumn) => [...ofColumn])).toEqual([
      [(1 + 1 + 100) / 3, (10 + 100 + 100) / 3],
      [3 / 3, 6 / 3],
    ]);
  });

  test('spreads as the mean’s standard error says', () => {
    const random = seededRandom(5);
    const column = Float64Array.from({ length: 400 }, () => random());
    const [means = new Float64Array()] = bootstrapMeans([column], 2000, random);
    const mean = column.reduce((sum, value) => sum + value, 0) / 400;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400;
    const [low, high] = percentileInterval(means);
    expect((low + high) / 2).toBeCloseTo(mean, 2);
    expect((high - low) / 2 / (1.96 * Math.sqrt(variance / 400))).toBeCloseTo(1, 1);
  });

  test('leaves out as many replicates below as above', () => {
    const replicates = Float64Array.from({ length: 100 }, (_, index) => 99 - index);
    expect(percentileInterval(replicates)).toEqual([2, 97]);
    expect(percentileInterval(replicates, 0.8)).toEqual([9, 90]);
    expect(percentileInterval(Float64Array.of(7))).toEqual([7, 7]);
  });
});
