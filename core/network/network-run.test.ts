import { describe, expect, it, test } from 'vitest';
import { stretchesOf, toLayer } from '../layers';
import { modelEnergy } from './energy';
import type { Equipment } from './equipment';
import { type Journey, modelJourney } from './journey';
import { mixtureQuantile } from '../numbers/mixture';
import { modelRun } from './network-run';
import { accessOf } from './profiles';

const equipment: Equipment = {
  layerMs: { mobile: 8, edge: 4, cloud: 2 },
  edgeToCloudMs: 20,
  stateBytesPerToken: new Array<number>(12).fill(388),
};
const access = accessOf('custom', { roundTripMs: 100, upMbps: 8, downMbps: 8, jitterMs: 10 });
const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);
const local: Journey = { stretches, exitLayer: toLayer(2), tokens: 32 };
const crossing: Journey = { stretches, exitLayer: toLayer(5), tokens: 32 };

describe('the quantile of a mixture', () => {
  test('of one normal is its mean, and 1.645 deviations above it', () => {
    const one = [{ mean: 50, deviation: 10, weight: 3 }];
    expect(mixtureQuantile(one, 0.5)).toBeCloseTo(50, 1);
    expect(mixtureQuantile(one, 0.95)).toBeCloseTo(66.45, 1);
  });

  test('of numbers without spread is the least that enough of them do not exceed', () => {
    const numbers = [
      { mean: 1, deviation: 0, weight: 6 },
      { mean: 5, deviation: 0, weight: 3 },
      { mean: 9, deviation: 0, weight: 1 },
    ];
    expect([0.5, 0.9, 0.95].map((share) => Math.round(100 * mixtureQuantile(numbers, share)) / 100)).toEqual([1, 5, 9]);
  });

  test('of both kinds lies where the normal has what the numbers leave over', () => {
    const both = [
      { mean: 10, deviation: 0, weight: 1 },
      { mean: 100, deviation: 10, weight: 1 },
    ];
    // Three quarters of all: the first half, and half of the normal.
    expect(mixtureQuantile(both, 0.75)).toBeCloseTo(100, 1);
    expect(mixtureQuantile(both, 0.5)).toBeLessThan(60);
  });

  test('of nothing is not a number', () => expect(mixtureQuantile([], 0.5)).toBeNaN());
});

describe('energy', () => {
  it('is compute, sending and the radio’s tail', () => {
    const energy = modelEnergy(modelJourney(crossing, equipment, access), access);
    // 4 layers of 8 ms at 2.5 W; (1288 + 438.4 · 8) mW for 12,958 µs; 1060 mW for 11.576 s.
    expect(energy.computeMillijoules).toBeCloseTo(80, 9);
    expect(energy.sendingMillijoules).toBeCloseTo((4795.2 * 12.958) / 1000, 6);
    expect(energy.tailMillijoules).toBeCloseTo(12_270.56, 6);
  });

  it('of a sample that stays is compute alone', () => {
    const stays = { computeMillijoules: 40, sendingMillijoules: 0, tailMillijoules: 0 };
    expect(modelEnergy(modelJourney(local, equipment, access), access)).toEqual(stays);
    expect(modelEnergy(modelJourney(local, equipment, undefined), undefined)).toEqual(stays);
  });
});

describe('a run', () => {
  it('has the means over its samples, however they are mixed', () => {
    const far = modelJourney(crossing, equipment, access);
    const run = modelRun([local, crossing, local, local], equipment, access);
    expect(run.meanMs).toBeCloseTo((3 * 16 + far.latencyMs) / 4, 9);
    expect(run.bytesUp).toBeCloseTo(far.bytesUp / 4, 9);
    expect(run.bytesDown).toBeCloseTo(far.bytesDown / 4, 9);
    expect(run.energy.computeMillijoules).toBeCloseTo((3 * 40 + 80) / 4, 9);
    expect(run.energy.tailMillijoules).toBeCloseTo(12_270.56 / 4, 6);
  });

  it('has its median among those that stay, and its 95th percentile among those that cross', () => {
    const run = modelRun([local, crossing, local, local], equipment, access);
    expect(run.p50Ms).toBeCloseTo(16, 1);
    // The upper fifth of the crossing quarter begins at its 80th percentile: 0.8416 deviations above its mean.
    expect(run.p95Ms).toBeCloseTo(modelJourney(crossing, equipment, access).latencyMs + 8.416, 1);
  });

  it('tells samples apart by route, exit, tokens and text', () => {
    const whole = stretchesOf('cloud', { mobileLayers: 4, edgeLayers: 8 }, 12);
    const journeys: Journey[] = [
      local,
      { ...local, exitLayer: toLayer(3) },
      { ...local, tokens: 64 },
      { stretches: whole, exitLayer: toLayer(12), tokens: 32, textBytes: 10 },
      { stretches: whole, exitLayer: toLayer(12), tokens: 32, textBytes: 90 },
    ];
    const sum = journeys.reduce((total, each) => total + modelJourney(each, equipment, access).latencyMs, 0);
    expect(modelRun(journeys, equipment, access).meanMs).toBeCloseTo(sum / 5, 9);
  });

  it('without samples has no numbers', () => {
    const { meanMs, p50Ms, p95Ms, bytesUp } = modelRun([], equipment, access);
    expect([meanMs, p50Ms, p95Ms, bytesUp]).toEqual([NaN, NaN, NaN, NaN]);
  });
});
