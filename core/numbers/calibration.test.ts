import { describe, expect, test } from 'vitest';
import { aurocOfCorrectness, entropy, expectedCalibrationError, softmax } from './calibration';
import { randomInt, randomLogits, seededRandom } from '../testing/random';

const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe('softmax', () => {
  test('gives e^z over the sum of all e^z', () => {
    expect(softmax([0, Math.log(3)])).toEqual(closeTo([1 / 4, 3 / 4]));
    expect(softmax([Math.log(1), Math.log(2), Math.log(5)])).toEqual(closeTo([1 / 8, 2 / 8, 5 / 8]));
  });

  test('a temperature above 1 flattens, one below 1 sharpens', () => {
    expect(softmax([0, 2 * Math.log(3)], 2)).toEqual(closeTo([1 / 4, 3 / 4]));
    expect(softmax([0, Math.log(3)], 0.5)).toEqual(closeTo([1 / 10, 9 / 10]));
  });

  test.each([
    [
      [1e308, -1e308],
      [1, 0],
    ],
    [
      [-1000, -1000],
      [0.5, 0.5],
    ],
    [
      [1000, 1000, -1000],
      [0.5, 0.5, 0],
    ],
    [
      [40, 0],
      [1, 0],
    ],
  ])('does not overflow for %j', (logits, expected) => {
    expect(softmax(logits)).toEqual(expected.map((p) => expect.closeTo(p, 9)));
  });

  test('sums to 1 and keeps the order of the logits', () => {
    const random = seededRandom(1);
    for (let round = 0; round < 200; round++) {
      const logits = randomLogits(random, randomInt(random, 2, 8), 30);
      const probabilities = softmax(logits, 0.1 + 3 * random());
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      const largest = logits.indexOf(Math.max(...logits));
      expect(probabilities[largest]).toBe(Math.max(...probabilities));
    }
  });
});

describe('entropy', () => {
  test('is ln K where all classes are equally probable, and 0 where one is certain', () => {
    expect(entropy([0.5, 0.5])).toBeCloseTo(Math.LN2, 12);
    expect(entropy([0.2, 0.2, 0.2, 0.2, 0.2])).toBeCloseTo(Math.log(5), 12);
    expect(entropy([0, 1, 0])).toBe(0);
  });

  test('of [3/4, 1/4] is ln 4 − 3/4 ln 3', () => {
    expect(entropy([0.75, 0.25])).toBeCloseTo(Math.log(4) - 0.75 * Math.log(3), 12);
  });
});

describe('expectedCalibrationError', () => {
  test('is the mean gap of the bins, weighted by their counts', () => {
    // Below 0.5: one right of confidences 0.3 + 0.4, gap 0.3. From 0.5: one right of 0.9 + 0.6, gap −0.5.
    expect(expectedCalibrationError([0.3, 0.4, 0.9, 0.6], [false, true, true, false], 2)).toBeCloseTo(0.8 / 4, 12);
  });

  test('gaps of one bin cancel out, those of two bins do not', () => {
    expect(expectedCalibrationError([0.7, 0.7], [true, false], 1)).toBeCloseTo(0.2, 12);
    expect(expectedCalibrationError([0.9, 0.1], [true, false], 1)).toBeCloseTo(0, 12);
    expect(expectedCalibrationError([0.9, 0.1], [true, false], 2)).toBeCloseTo(0.1, 12);
  });

  test('puts confidence 1 into the last bin', () => {
    expect(expectedCalibrationError([1, 1, 1, 1], [1, 1, 1, 0])).toBeCloseTo(0.25, 12);
  });

  test('is NaN without samples', () => {
    expect(expectedCalibrationError([], [])).toBeNaN();
  });
});

describe('aurocOfCorrectness', () => {
  test('counts the pairs of right and wrong answers in order, ties half', () => {
    // Right: 0.9, 0.8. Wrong: 0.8, 0.6. Pairs: 1 + 1 + 1/2 + 1 of 4.
    expect(aurocOfCorrectness([0.9, 0.8, 0.8, 0.6], [true, true, false, false])).toBe(3.5 / 4);
  });

  test('is 1 where confidence separates, 0 where it misleads, one half where it says nothing', () => {
    expect(aurocOfCorrectness([0.6, 0.9, 0.7, 0.8], [0, 1, 0, 1])).toBe(1);
    expect(aurocOfCorrectness([0.6, 0.9, 0.7, 0.8], [1, 0, 1, 0])).toBe(0);
    expect(aurocOfCorrectness([0.7, 0.7, 0.7], [1, 0, 1])).toBe(0.5);
  });

  test('is NaN where all are right or all are wrong', () => {
    expect(aurocOfCorrectness([0.6, 0.9], [1, 1])).toBeNaN();
    expect(aurocOfCorrectness([0.6, 0.9], [0, 0])).toBeNaN();
    expect(aurocOfCorrectness([], [])).toBeNaN();
  });

  test('comes to an end even where confidences are NaN', () => {
    expect(aurocOfCorrectness([Number.NaN, 0.9, Number.NaN], [1, 0, 0])).toEqual(expect.any(Number));
  });

  test('equals the count over all pairs on random samples with many ties', () => {
    const random = seededRandom(2);
    for (let round = 0; round < 50; round++) {
      const confidences = Array.from({ length: 40 }, () => randomInt(random, 1, 8) / 8);
      const correct = confidences.map((confidence) => random() < confidence);
      let [sum, pairs] = [0, 0];
      confidences.forEach((right, i) => {
        confidences.forEach((wrong, j) => {
          if (!correct[i] || correct[j]) return;
          pairs++;
          sum += right > wrong ? 1 : right === wrong ? 0.5 : 0;
        });
      });
      expect(aurocOfCorrectness(confidences, correct)).toEqual(pairs > 0 ? expect.closeTo(sum / pairs, 12) : NaN);
    }
  });
});
