import { describe, expect, test } from 'vitest';
import { LINKS } from '../network/profiles';
import { CALM_NETWORK } from '../testing/online';
import { modelledLatencyMs, simulatedNetwork } from './simulated-network';

const statesOf = (seed: number, count: number) => {
  const next = simulatedNetwork(seed);
  return Array.from({ length: count }, () => next());
};

describe('the simulated network', () => {
  test('is the same for the same seed only', () => {
    expect(statesOf(3, 50)).toEqual(statesOf(3, 50));
    expect(statesOf(4, 50)).not.toEqual(statesOf(3, 50));
  });

  const median = LINKS['5g'].upMbps;

  test('has 5G’s uplink and a load of 0.35 as its medians, and two thirds of both in their spread', () => {
    const states = [1, 2, 3, 4].flatMap((seed) => statesOf(seed, 5000));
    const uplinks = states.map(({ uplinkMbitPerSecond }) => uplinkMbitPerSecond).sort((a, b) => a - b);
    const loads = states.map(({ edgeLoad }) => edgeLoad).sort((a, b) => a - b);
    const shareWithin = (values: readonly number[], low: number, high: number) =>
      values.filter((value) => value > low && value < high).length / values.length;
    expect((uplinks[10_000] ?? 0) / median).toBeCloseTo(1, 0.7);
    expect(loads[10_000]).toBeCloseTo(0.35, 1);
    expect(shareWithin(uplinks, median / 2.5, median * 2.5)).toBeCloseTo(0.683, 1);
    expect(shareWithin(loads, 0.14, 0.64)).toBeCloseTo(0.683, 1);
    expect([loads[0], loads.at(-1)].every((load = 1) => load > 0 && load < 1)).toBe(true);
  });

  test('changes slowly: a state says much of the next and little of the hundredth', () => {
    const logs = statesOf(5, 20_000).map(
      ({ uplinkMbitPerSecond }) => Math.log(uplinkMbitPerSecond / median) / Math.log(2.5),
    );
    const correlation = (lag: number) =>
      logs.slice(lag).reduce((sum, value, index) => sum + value * (logs[index] ?? 0), 0) / (logs.length - lag);
    expect(correlation(1) / correlation(0)).toBeCloseTo(0.95, 1);
    expect(Math.abs(correlation(100) / correlation(0))).toBeLessThan(0.25);
  });
});

describe('the modelled latency', () => {
  test('is 5 ms a layer on the device, and nothing else for what stays there', () => {
    expect(modelledLatencyMs({ mobileLayers: 6, edgeLayers: 0, payloadBytes: 0 }, CALM_NETWORK)).toBe(30);
  });

  test('adds the 31 ms of a round trip, the payload at the uplink’s rate, and the edge’s layers by its load', () => {
    // 8 Mbit/s take 1 ms for 1000 bytes; half loaded, a layer takes 2 ms.
    expect(modelledLatencyMs({ mobileLayers: 2, edgeLayers: 5, payloadBytes: 3000 }, CALM_NETWORK)).toBe(
      10 + 31 + 3 + 10,
    );
  });
});
