import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith } from '../testing/exits';

describe('margin', () => {
  test('leaves at the first exit whose best class leads by the threshold, wherever the two stand', () => {
    // Leads of 0, 0.2, 0.45 and 0.7.
    const exits = exitsWith([0.4, 0.2, 0.4], [0.3, 0.2, 0.5], [0.7, 0.05, 0.25], [0.1, 0.8, 0.1]);
    const leavesAt = (mobileThreshold: number) => exitLayer('margin', { mobileThreshold }, exits);
    expect([0, 0.19, 0.44, 0.69, 0.71].map(leavesAt)).toEqual([1, 2, 3, 4, undefined]);
  });

  test('a threshold of 1 is never reached', () => {
    expect(exitLayer('margin', { mobileThreshold: 1 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});
