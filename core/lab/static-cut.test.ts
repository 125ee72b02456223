import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { gainsOverStaticCut, rightUnderStaticCut, staticCost } from './static-cut';

// Right from layers 1, 3 and 6 on, of twelve.
const calibrated = calibrateTrace(settlingTrace('sst2', 2, [1, 3, 6]), new Array<number>(12).fill(1));
const costs = (mobileLayer: number) => ({ ...DEFAULT_COSTS, mobileLayer });
const rightAt = (cost: number, mobileLayer = 1) => [...rightUnderStaticCut(calibrated, cost, costs(mobileLayer))];

describe('a static cut', () => {
  it('of a whole number of layers lets every row leave there', () => {
    expect(rightAt(2)).toEqual([1, 0, 0]);
    expect(rightAt(3)).toEqual([1, 1, 0]);
  });

  it('between two layers lets a share leave at each', () => {
    const [first, second, third] = rightAt(5.25);
    expect([first, second]).toEqual([1, 1]);
    expect(third).toBeCloseTo(0.25, 12);
  });

  it('runs where a cost buys most layers: on a dear device fewer, but never fewer than at the edge', () => {
    expect(rightAt(2, 2)).toEqual(rightAt(1));
    // A layer of the device, and at the edge, where the text goes for 2, four.
    expect(rightAt(6, 6)).toEqual(rightAt(4));
    expect([staticCost(6, costs(1)), staticCost(6, costs(6)), staticCost(1, costs(2))]).toEqual([6, 8, 2]);
  });

  it('is no shallower than a layer, nor deeper than all', () => {
    expect(rightAt(0.5)).toEqual(rightAt(1));
    expect(rightAt(17)).toEqual([1, 1, 1]);
    expect(rightAt(1, 0)).toEqual([1, 1, 1]);
  });
});

describe('a gain over it', () => {
  it('is what answers are right more often, in points', () => {
    // All right at the last exit; the third row's answer was wrong, and the cut at layer 2 is right on the first alone.
    const gains = gainsOverStaticCut(calibrated, Float64Array.from([0, 0, 100]), 2, costs(1));
    expect([...gains]).toEqual([0, 100, 0]);
  });
});
