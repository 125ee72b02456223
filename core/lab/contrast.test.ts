import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { comparePair } from './paired';
import { contrastOf } from './contrast';
import type { LabSetting } from './setting';
import { measuredFor } from './trial-job';

const aim = { kind: 'allowedLoss', points: 0.3 } as const;
const plan = { mobileLayers: 4, edgeLayers: 8 };

/** Without a calibration split: policies without parameters alone are measured. */
function settingOf(settled: readonly number[]): LabSetting {
  const evaluation = calibrateTrace(settlingTrace('sst2', 2, settled), new Array<number>(12).fill(1));
  return { evaluation, fitted: {}, layers: 12, hidden: 8, plan, costs: DEFAULT_COSTS };
}

/** All at layer 4 for 4 of 17 against all at layer 8 for 10: what of so many rows is right at layer 8 alone. */
function edgeAgainstMobile(late: number, rows: number) {
  const setting = settingOf(Array.from({ length: rows }, (_, row) => (row < late ? 6 : 1)));
  const [mobile, edge] = ['all-mobile', 'all-edge'].map((policy) => measuredFor(setting, { policy, aim }));
  return mobile && edge && contrastOf(mobile, edge);
}

describe('two measured policies', () => {
  test('that few rows tell apart may be alike by chance, by the exact test, and are not at the same cost', () => {
    const contrast = edgeAgainstMobile(5, 40);
    // Five heads of five: 2 / 2⁵.
    expect(contrast?.discordant).toEqual({ onlyA: 0, onlyB: 5, pValue: 0.0625, isExact: true });
    expect(contrast?.accuracy).toMatchObject({ a: 87.5, b: 100, difference: 12.5, isChance: true });
    expect(contrast?.computeSaved.difference).toBeCloseTo((-100 * 6) / 17, 9);
    expect(contrast?.computeSaved.isChance).toBe(false);
  });

  test('are told apart by six rows of one side alone', () => {
    expect(edgeAgainstMobile(6, 40)).toMatchObject({
      discordant: { pValue: expect.closeTo(0.03125, 9) },
      accuracy: { isChance: false },
    });
  });

  test('have the numbers that the pair of the two has', () => {
    const setting = settingOf(Array.from({ length: 60 }, (_, row) => 1 + (row % 7)));
    const [a, b] = ['all-mobile', 'all-edge'] as const;
    const [one, other] = [measuredFor(setting, { policy: a, aim }), measuredFor(setting, { policy: b, aim })];
    const sideOf = (id: string) => ({ choice: { id, parameters: {} }, plan });
    const equipment = {
      layerMs: { mobile: 8, edge: 4, cloud: 2 },
      ...{ edgeToCloudMs: 0, stateBytesPerToken: new Array<number>(12).fill(0) },
    };
    const custom = { roundTripMs: 100, upMbps: 1e9, downMbps: 1e9, jitterMs: 0 };
    const pair = comparePair(setting, { a: sideOf(a), b: sideOf(b), equipment, custom, network: 'custom' });
    const contrast = contrastOf(one, other);
    expect(contrast?.discordant).toEqual(pair.discordant);
    for (const key of ['accuracy', 'computeSaved'] as const) {
      expect(contrast?.[key].difference).toBeCloseTo(pair[key].difference, 9);
      expect(contrast?.[key].interval[0]).toBeCloseTo(pair[key].interval[0], 9);
      expect(contrast?.[key].interval[1]).toBeCloseTo(pair[key].interval[1], 9);
    }
  });

  test('have none where one of them was not measured', () => {
    const setting = settingOf([1, 2, 3]);
    const [one, other] = ['all-mobile', 'patience'].map((policy) => measuredFor(setting, { policy, aim }));
    expect(one && other && contrastOf(one, other)).toBeUndefined();
  });
});
