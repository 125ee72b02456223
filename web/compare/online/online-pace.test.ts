import { describe, expect, test } from 'vitest';
import { fittingSteps, restMs, stepsOfSlice } from './online-pace';

describe('the pace of a stream', () => {
  test('is kept by slices of 80 ms, of one step at least', () => {
    expect([10, 50, 250].map((perSecond) => stepsOfSlice(perSecond, 1000))).toEqual([1, 4, 20]);
    expect(restMs(250, 20, 30)).toBe(50);
    expect(restMs(10, 1, 5)).toBe(95);
  });

  test('is what can be computed where that is less', () => {
    expect(stepsOfSlice(250, 16.7)).toBe(16);
    expect(stepsOfSlice(Number.POSITIVE_INFINITY, 500)).toBe(500);
    expect([restMs(250, 16, 80), restMs(Number.POSITIVE_INFINITY, 500, 10)]).toEqual([0, 0]);
  });

  test('learns from each slice how many steps fit: at most twice as many, and never few', () => {
    expect([fittingSteps(100, 10), fittingSteps(100, 160), fittingSteps(16, 4000)]).toEqual([200, 50, 16]);
  });
});
