import { describe, expect, test } from 'vitest';
import { fitLogistic, fitOffset, predictLogistic } from './logistic';

describe('logistic regression of one feature, by hand', () => {
  test('of a feature that tells nothing has the log odds of the target as its bias', () => {
    const { weight, bias } = fitLogistic(new Float64Array(4), Uint8Array.of(1, 1, 0, 1));
    expect(weight).toBe(0);
    expect(bias).toBeCloseTo(Math.log(3), 5);
  });

  test('balances what is left unexplained against the ridge', () => {
    // At 1, three of four are true, at −1 one of four, so the bias is 0 by symmetry. The log loss falls by 4(3/4 − σ(w)) on
    // either side and the ridge rises by w: 8(3/4 − σ(w)) = w.
    const feature = Float64Array.of(1, 1, 1, 1, -1, -1, -1, -1);
    const { weight, bias } = fitLogistic(feature, Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 1));
    expect(bias).toBeCloseTo(0, 9);
    expect(weight).toBeGreaterThan(0.6);
    expect(weight).toBeCloseTo(8 * (3 / 4 - 1 / (1 + Math.exp(-weight))), 9);
  });

  test('has finite weights where the feature tells true from false, and where all are the same', () => {
    const feature = Float64Array.of(-2, -1, 1, 2);
    const telling = fitLogistic(feature, Uint8Array.of(0, 0, 1, 1));
    expect(telling.weight).toBeGreaterThan(0.5);
    expect(telling.weight).toBeLessThan(2);
    const sure = fitLogistic(feature, Uint8Array.of(1, 1, 1, 1));
    expect(predictLogistic(sure, 0)).toBeGreaterThan(0.99999);
    expect(predictLogistic(sure, 0)).toBeLessThan(1);
  });
});

test('logistic regression finds what training/calibration/logistic.py finds', () => {
  const feature = Float64Array.of(1.05, 3.04, 2.84, 0.23, 0.55, 0.21, 1.85, 0.92, 2.12, -1.77, 3.35, 0.86);
  const { weight, bias } = fitLogistic(feature, Uint8Array.of(1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1));
  expect(weight).toBeCloseTo(0.7205235958652286, 12);
  expect(bias).toBeCloseTo(-0.09235480237737502, 12);
});

describe('an offset to known log odds', () => {
  test('is 0 without rows, and what the ridge leaves of one row: σ(c) + c = 0', () => {
    expect(fitOffset(new Float64Array(0), new Uint8Array(0))).toBeCloseTo(0, 12);
    expect(fitOffset(Float64Array.of(0), Uint8Array.of(0))).toBeCloseTo(-0.401058, 6);
    expect(fitOffset(Float64Array.of(0), Uint8Array.of(1))).toBeCloseTo(0.401058, 6);
  });

  test('is what many rows say, less what was known before', () => {
    const target = Uint8Array.from({ length: 4000 }, (_, row) => Number(row % 4 === 0));
    expect(fitOffset(new Float64Array(4000).fill(2), target)).toBeCloseTo(-Math.log(3) - 2, 2);
  });
});
