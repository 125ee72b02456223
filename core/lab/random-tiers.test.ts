import { describe, expect, it } from 'vitest';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { gainsOverRandomTiers } from './random-tiers';

// Right from layers 1, 3, 6 and 10 on, of twelve.
const calibrated = calibrateTrace(settlingTrace('sst2', 2, [1, 3, 6, 10]), new Array<number>(12).fill(1));
const gainsAt = (...exitLayers: number[]) => [...gainsOverRandomTiers(calibrated, Uint8Array.from(exitLayers))];

describe('a gain over tiers drawn at random', () => {
  it('is what each row is right more often than under the same shares, by hand', () => {
    // Half leave at 4, a quarter each at 8 and 12: rows are right there with 1, 1, ½ and ¼.
    expect(gainsAt(4, 4, 8, 12)).toEqual([0, 0, 50, 75]);
    expect(gainsAt(12, 8, 4, 4)).toEqual([0, 0, -50, -25]);
  });

  it('is none where all rows go to one tier', () => {
    expect(gainsAt(4, 4, 4, 4)).toEqual([0, 0, 0, 0]);
  });
});
