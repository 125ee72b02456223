import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { priceSensitivity, type SensitivitySetting, timeSensitivity } from './sensitivity';

const temperatures = new Array<number>(12).fill(1);
// Three rows are right at once and the fourth from layer 4 on; all exits are equally sure.
const calibrated = calibrateTrace(settlingTrace('sst2', 2, [1, 1, 1, 4]), temperatures);

/** What an exit is expected to lose: 25 points up to layer 3, then nothing; no confidence tells. */
const expectedLosses = Array.from({ length: 11 }, (_, index) => ({
  changes: { weight: 0, bias: index < 3 ? Math.log(1 / 3) : -40 },
  lastIsRight: { weight: 0, bias: 40 },
}));

const setting = {
  ...{ evaluation: calibrated, calibration: calibrated, layers: 12, hidden: 8, costs: DEFAULT_COSTS },
  plan: { mobileLayers: 4, edgeLayers: 8 },
  fitted: { data: { expectedLosses }, disagreements: undefined },
} as unknown as SensitivitySetting;

const at = (allowed: number, mobileLayer: number, offloading = 1) =>
  priceSensitivity([setting, setting], allowed, { mobileLayer: [mobileLayer], offloading: [offloading] })[0];

describe('prices', () => {
  it('leave all on the device where that is cheap, at the first exit that loses nothing', () => {
    expect(at(0.3, 1)).toMatchObject({
      ...{ mobileLayer: 1, offloading: 1, lossPoints: 0, staticLossPoints: 0 },
      costCutPercent: expect.closeTo(100 * (1 - 4 / 17), 9),
      staticCutPercent: expect.closeTo(100 * (1 - 4 / 17), 9),
    });
  });

  it('send layers of a dear device to the edge', () => {
    // One layer for 5, over for 2 and three more; a static cut goes over with the text: 2 and four.
    expect(at(0.3, 5)).toMatchObject({
      costCutPercent: expect.closeTo(100 * (1 - 10 / 17), 9),
      staticCutPercent: expect.closeTo(100 * (1 - 6 / 17), 9),
    });
    expect(at(0.3, 5, 2)?.costCutPercent).toBeCloseTo(100 * (1 - 12 / 22), 9);
  });
});

describe('times', () => {
  const equipment = {
    ...{ layerMs: { mobile: 5, edge: 1, cloud: 0.5 }, edgeToCloudMs: 20 },
    stateBytesPerToken: new Array<number>(12).fill(12),
  };
  const link = { roundTripMs: 50, upMbps: 1, downMbps: 10, jitterMs: 0 };

  it('are of the points chosen at the given prices, beside the text sent to the cloud', () => {
    const grid = { equipment, link, upMbps: [1, 10], mobileLayerMs: [8, 80] };
    const cells = timeSensitivity([setting], 0.3, grid);
    expect(cells.map(({ upMbps, mobileLayerMs }) => [upMbps, mobileLayerMs])).toEqual([
      [1, 8],
      [1, 80],
      [10, 8],
      [10, 80],
    ]);
    // Four layers of 4 of 32 tokens here, nothing crosses; 2.5 W.
    expect(cells[0]?.cascade).toEqual({ meanMs: 4, p95Ms: expect.closeTo(4, 6), millijoules: 10 });
    expect(cells[1]?.cascade.meanMs).toBe(40);
    expect(cells[0]?.allCloud.meanMs).toBeGreaterThan(70);
    expect(cells[2]?.allCloud.meanMs).toBeLessThan(cells[0]?.allCloud.meanMs ?? 0);
  });
});
