import { describe, expect, test } from 'vitest';
import { breakEvenOf } from './price-job';
import type { PriceCell } from './sensitivity';

const cell = (mobileLayer: number, costCutPercent: number, staticCutPercent: number): PriceCell => ({
  ...{ mobileLayer, offloading: 1, costCutPercent, staticCutPercent, lossPoints: 0, staticLossPoints: 0 },
});

describe('the break-even', () => {
  test('lies where the line between two cells has both save as much', () => {
    // 6 points ahead at 3, 2 behind at 4: three quarters of the way.
    expect(breakEvenOf([cell(1, 80, 60), cell(3, 56, 50), cell(4, 48, 50), cell(6, 30, 45)])).toBe(3.75);
  });

  test('is the last one, where the two cross more than once', () => {
    expect(breakEvenOf([cell(1, 50, 60), cell(2, 61, 60), cell(3, 59, 60)])).toBe(2.5);
  });

  test('is none where one of the two saves more at every price', () => {
    expect(breakEvenOf([cell(1, 80, 60), cell(2, 70, 60)])).toBeUndefined();
    expect(breakEvenOf([cell(1, 50, 60), cell(2, 40, 60)])).toBeUndefined();
    expect(breakEvenOf([])).toBeUndefined();
  });
});
