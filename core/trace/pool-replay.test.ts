import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { dimecDcPools, dimeePools, tierOfNearest } from '../policies/pools';
import { calibrateTrace } from './calibrated-trace';
import { replayPools } from './pool-replay';

/** Five rows that are right from layer 5 on, each with its distances to easy, moderate and hard. */
const trace = {
  ...{ task: 'sst2', split: 'dev', model: 'fake', rows: 5, layers: 12, classes: 2 },
  logits: Float32Array.from(Array.from({ length: 5 * 12 }, (_, index) => (index % 12 < 4 ? [2, 0] : [0, 2])).flat()),
  gold: new Uint8Array(5).fill(1),
  tokens: new Uint16Array(5).fill(4),
  poolDistances: Float32Array.of(1, 2, 3, 3, 2, 1, 2, 1, 3, 2, 2, 2.5, 5, 4, 4),
};
const calibrated = calibrateTrace(trace, new Array<number>(12).fill(1));
const plan = { mobileLayers: 4, edgeLayers: 8 };

describe('pool routing by hand', () => {
  test('goes to the nearest pool, of two equally near to the easier one', () => {
    expect(tierOfNearest([1, 2, 3])).toBe('mobile');
    expect(tierOfNearest([3, 2, 1])).toBe('cloud');
    expect(tierOfNearest([2, 1, 1])).toBe('edge');
  });

  test('each row leaves at the last layer of its tier and pays one crossing', () => {
    const { exitLayers, costs, summary, quality } = replayPools(calibrated, dimeePools, plan, DEFAULT_COSTS);
    expect([...exitLayers]).toEqual([4, 12, 8, 4, 8]);
    // Mobile 4; cloud 5 + 12; edge 2 + 8.
    expect([...costs]).toEqual([4, 17, 10, 4, 10]);
    expect(summary).toMatchObject({
      ...{ rows: 5, exitsByTier: { mobile: 2, edge: 2, cloud: 1 }, meanLayers: 36 / 5, meanCost: 9, allCloudCost: 17 },
      costCutPercent: expect.closeTo(100 * (1 - 9 / 17), 9),
      exitsByLayer: [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1],
    });
    expect(quality).toMatchObject({ accuracy: 3 / 5, accuracyAtLastExit: 1 });
  });

  test('tells edge and mobile apart where both end at the same layer', () => {
    const { costs, summary } = replayPools(calibrated, dimeePools, { mobileLayers: 4, edgeLayers: 4 }, DEFAULT_COSTS);
    expect([...costs]).toEqual([4, 17, 6, 4, 6]);
    expect(summary.exitsByTier).toEqual({ mobile: 2, edge: 2, cloud: 1 });
  });

  test('refuses a trace without the distances', () => {
    const route = () => replayPools(calibrated, dimecDcPools, plan, DEFAULT_COSTS);
    expect(route).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});
