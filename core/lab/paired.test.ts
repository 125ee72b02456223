import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { settlingTrace } from '../testing/settling-trace';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import type { Trace } from '../trace/trace-file';
import { comparePair, disagreeingRows, type PairJob } from './paired';
import type { LabSetting } from './setting';

const ones = new Array<number>(12).fill(1);
const plan = { mobileLayers: 4, edgeLayers: 8 };

function settingOf(evaluation: CalibratedTrace): LabSetting {
  return { evaluation, fitted: {}, layers: 12, hidden: 8, plan, costs: DEFAULT_COSTS };
}

function settling(...layers: readonly number[]): LabSetting {
  return settingOf(calibrateTrace(settlingTrace('sst2', 2, layers), ones));
}

const patience = (value: number) => ({ choice: { id: 'patience', parameters: { patience: value } }, plan });

/** Compute of 32 tokens alone: 8 ms a layer here, 4 at the edge, 2 on the cloud, and nothing else takes time. */
function jobOf(a: PairJob['a'], b: PairJob['b']): PairJob {
  const equipment = {
    layerMs: { mobile: 8, edge: 4, cloud: 2 },
    edgeToCloudMs: 0,
    stateBytesPerToken: new Array<number>(12).fill(0),
  };
  const custom = { roundTripMs: 100, upMbps: 1e9, downMbps: 1e9, jitterMs: 0 };
  return { a, b, equipment, custom, network: 'custom' };
}

describe('two configurations on the same rows, by hand', () => {
  // Patience 0 has every row leave at layer 1: the last of the four is wrong there, since it settles at 3. With patience 2
  // the first three leave at layer 3; of the other the run of wrong answers is two long, so that it leaves right at 5.
  const setting = settling(1, 1, 1, 3);
  const pair = comparePair(setting, jobOf(patience(0), patience(2)));

  test('what each does, and B less A', () => {
    expect(pair.rows).toBe(4);
    expect([pair.accuracy.a, pair.accuracy.b, pair.accuracy.difference]).toEqual([75, 100, 25]);
    expect([pair.layers.a, pair.layers.b, pair.layers.difference]).toEqual([1, 3.5, 2.5]);
    // Of all cloud's 17: layer 1 costs 1, layer 3 costs 3, layer 5 costs 5 and 2 for the crossing.
    const saved = (cost: number) => 100 * (1 - cost / 17);
    expect(pair.computeSaved.a).toBeCloseTo(saved(1), 9);
    expect(pair.computeSaved.b).toBeCloseTo(saved((3 + 3 + 3 + 7) / 4), 9);
    expect(pair.computeSaved.difference).toBeCloseTo((100 * (1 - 4)) / 17, 9);
  });

  test('what each gains over a static cut of its own cost', () => {
    // A leaves all at layer 1, as a static cut does that costs 1. B costs 4 a row: all at layer 4 are right, too.
    expect(pair.gain).toEqual({ a: { points: 0, interval: [0, 0] }, b: { points: 0, interval: [0, 0] } });
    // Past two crossings layer 3 costs 8, and at layer 8 a static cut is right on the row that settles at 7, too.
    const onCloud = { ...patience(2), plan: { mobileLayers: 1, edgeLayers: 1 } };
    const late = comparePair(settling(1, 1, 1, 7), jobOf(onCloud, patience(0)));
    expect(late.gain.a.points).toBeCloseTo(-25, 9);
    expect(late.gain.a.interval[0]).toBeLessThanOrEqual(-75);
    expect(late.gain.a.interval[1]).toBe(0);
  });

  test('the interval of a mean holds the least and the greatest row where so few are drawn', () => {
    // Rows are run 2, 2, 2 and 4 layers longer by B: a replicate lies between 2 and 4, and 1 of 4⁴ draws the last row alone.
    const [low, high] = pair.layers.interval;
    expect(low).toBe(2);
    expect([3, 3.5]).toContain(high);
    expect(pair.layers.isChance).toBe(false);
  });

  test('one row that tells them apart may be chance, by the exact test', () => {
    expect(pair.discordant).toEqual({ onlyA: 0, onlyB: 1, pValue: 1, isExact: true });
    // A share of 0.025 to 1 of one row in four: 25 · (2 · 0.025 − 1) to 25.
    expect(pair.accuracy.interval[0]).toBeCloseTo(-23.75, 6);
    expect(pair.accuracy.interval[1]).toBe(25);
    expect(pair.accuracy.isChance).toBe(true);
  });

  test('times are those of the rows’ ways', () => {
    // Four tokens of 32 are an eighth: layer 1 takes 1 ms, layer 3 takes 3; to layer 5 it is 4 + 0.5 and the round trip.
    expect(pair.medianMs.a).toBeCloseTo(1, 2);
    expect(pair.medianMs.b).toBeCloseTo(3, 2);
    expect(pair.p95Ms.b).toBeCloseTo(104.5, 2);
    expect(pair.p95Ms.difference).toBeCloseTo(103.5, 2);
    const [low, high] = pair.p95Ms.interval;
    expect(low).toBeCloseTo(2, 2);
    expect(high).toBeCloseTo(103.5, 2);
  });

  test('the rows on which they disagree', () => {
    expect(disagreeingRows(pair, 'label')).toEqual([3]);
    expect(disagreeingRows(pair, 'layer')).toEqual([0, 1, 2, 3]);
    expect([...pair.answers.b.exitLayers]).toEqual([3, 3, 3, 5]);
  });
});

test('a configuration against itself differs in nothing, which is chance', () => {
  const pair = comparePair(settling(1, 3, 5, 9), jobOf(patience(2), patience(2)));
  for (const { difference, interval, isChance } of [
    pair.computeSaved,
    pair.layers,
    pair.medianMs,
    pair.p95Ms,
    pair.accuracy,
  ]) {
    expect([difference, ...interval].map(Math.abs)).toEqual([0, 0, 0]);
    expect(isChance).toBe(true);
  }
  expect(pair.discordant.pValue).toBe(1);
});

test('each has a split of its own', () => {
  // Layer 3 runs here by A, and by B past two crossings: 3 against 3 + 2 + 3.
  const onCloud = { ...patience(2), plan: { mobileLayers: 1, edgeLayers: 1 } };
  const pair = comparePair(settling(1, 1, 1, 1), jobOf(patience(2), onCloud));
  expect(pair.layers.difference).toBe(0);
  expect(pair.computeSaved.difference).toBeLessThan(0);
  expect(pair.computeSaved.isChance).toBe(false);
});

test('with many rows that tell them apart the interval is the bootstrap’s', () => {
  const setting = settling(...new Array<number>(60).fill(1), ...new Array<number>(40).fill(3));
  const pair = comparePair(setting, jobOf(patience(0), patience(2)));
  expect(pair.discordant).toMatchObject({ onlyA: 0, onlyB: 40, isExact: false });
  expect(pair.discordant.pValue).toBeCloseTo(2 / 2 ** 40, 15);
  // 1.96 · √(0.4 · 0.6 / 100) is 9.6 points.
  expect(pair.accuracy.interval[0]).toBeCloseTo(30.4, -1);
  expect(pair.accuracy.interval[1]).toBeCloseTo(49.6, -1);
  expect(pair.accuracy.isChance).toBe(false);
});

test('without labels it is agreement with the last exit that is compared', () => {
  const trace: Trace = { ...settlingTrace('sst2', 2, [1, 3]), isLabelled: false };
  expect(comparePair(settingOf(calibrateTrace(trace, ones)), jobOf(patience(0), patience(2))).accuracy.b).toBe(100);
});

test('a policy that lacks something is refused in words', () => {
  const quota = { choice: { id: 'quota', parameters: {} }, plan };
  expect(() => comparePair(settling(1), jobOf(patience(0), quota))).toThrow(/“Quota” needs/);
});
