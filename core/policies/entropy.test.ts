import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith, scoreOf } from '../testing/exits';

describe('entropy', () => {
  // In nats: ln 2 = 0.693, 0.562, 0.325.
  const exits = exitsWith([0.5, 0.5], [0.75, 0.25], [0.9, 0.1]);

  test('leaves at the first exit whose entropy is small enough', () => {
    expect(exitLayer('entropy', { mobileThreshold: 0.7 }, exits)).toBe(1);
    expect(exitLayer('entropy', { mobileThreshold: 0.57 }, exits)).toBe(2);
    expect(exitLayer('entropy', { mobileThreshold: 0.33 }, exits)).toBe(3);
    expect(exitLayer('entropy', { mobileThreshold: 0.32 }, exits)).toBeUndefined();
  });

  test('leaves at an entropy that equals the threshold', () => {
    expect(exitLayer('entropy', { mobileThreshold: -scoreOf('entropy', exits.slice(1, 2)) }, exits)).toBe(2);
  });

  test('a threshold of 0 is never reached, not even by an entropy that is 0 in floating point', () => {
    expect(exitLayer('entropy', { mobileThreshold: 0 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('normalised entropy', () => {
  test('is 1 where all classes are equally probable, whatever their number', () => {
    for (const classes of [2, 3, 7]) {
      const even = exitsWith(new Array<number>(classes).fill(1 / classes));
      expect(scoreOf('normalised-entropy', even)).toBeCloseTo(-1, 12);
    }
  });

  test('leaves at the first exit whose entropy is small enough', () => {
    // Of ln 3: 1, 0.946, 0.639.
    const exits = exitsWith([1 / 3, 1 / 3, 1 / 3], [0.5, 0.25, 0.25], [0.8, 0.1, 0.1], [0.98, 0.01, 0.01]);
    const leavesAt = (mobileThreshold: number) => exitLayer('normalised-entropy', { mobileThreshold }, exits);
    expect([1, 0.95, 0.7, 0.5].map(leavesAt)).toEqual([1, 2, 3, 4]);
  });

  test('a threshold of 0 is never reached, not even by an entropy that is 0 in floating point', () => {
    expect(exitLayer('normalised-entropy', { mobileThreshold: 0 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});
