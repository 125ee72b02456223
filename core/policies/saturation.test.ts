import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith } from '../testing/exits';

describe('saturation', () => {
  const turned = (...saturations: (number | undefined)[]) =>
    exitsWith(...saturations.map(() => [0.5, 0.5])).map((exit, index) => ({ ...exit, saturation: saturations[index] }));

  test('leaves at the first layer that turns the hidden state by little enough', () => {
    const exits = turned(0.7, 0.86, 0.92, 0.8, 0.88);
    const leavesAt = (mobileThreshold: number) =>
      exitLayer('saturation', { mobileThreshold, edgeThreshold: 0.87 }, exits);
    expect([0.6, 0.86, 0.9, 0.95].map(leavesAt)).toEqual([1, 2, 3, 5]);
  });

  test('does not guess where a layer was run without measuring', () => {
    expect(exitLayer('saturation', { mobileThreshold: 0.9 }, turned(0.7, undefined, 0.95))).toBeUndefined();
    expect(exitLayer('saturation', { mobileThreshold: 0.6 }, turned(0.7, undefined, 0.95))).toBe(1);
  });
});
