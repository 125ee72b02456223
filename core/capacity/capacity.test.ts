import { describe, expect, test } from 'vitest';
import { drawLot } from '../numbers/lots';
import { fitLayerCosts, layerMs } from './box-costs';
import { machinesFor, siteCapacity } from './capacity-plan';
import { SimulatedClock } from './clock';
import { Cores } from './cores';
import { type DueSample, simulate, type Site } from './simulate';

/** Of round numbers: a layer of a sample with ten tokens takes 2 ms, one in a batch of two 1.5. */
const COSTS = { perCallMs: 1, perTokenMs: 0.1, perPairMs: 0, variation: 0, aroundMs: 1 };
const SITE: Site = {
  ...{ edges: 1, replicas: 0, workers: 1, costs: COSTS },
  plan: { mobileLayers: 4, edgeLayers: 8 },
  bounds: { tokens: 100, padding: 1.15 },
};

function due(...samples: readonly Partial<DueSample>[]): DueSample[] {
  return samples.map((sample, client) => ({ atMs: 0, client, tokens: 10, exitLayer: 6, ...sample }));
}

describe('Costs of layers', () => {
  test('are found in batches that were measured', () => {
    const costs = { perCallMs: 0.4, perTokenMs: 0.02, perPairMs: 0.0001 };
    const sizes = [8, 32, 128].flatMap((longest) => [1, 2, 8].map((rows) => ({ rows, longest })));
    const found = fitLayerCosts(sizes.map((size) => ({ ...size, ms: layerMs(costs, size.rows, size.longest) })));
    expect(found.perCallMs).toBeCloseTo(0.4, 9);
    expect(found.perTokenMs).toBeCloseTo(0.02, 9);
    expect(found.perPairMs).toBeCloseTo(0.0001, 9);
  });
});

describe('Cores', () => {
  test('are shared alike by all that compute', () => {
    const clock = new SimulatedClock();
    const cores = new Cores(clock, 2);
    const ends: Record<string, number> = {};
    for (const [name, ms] of Object.entries({ a: 2, b: 4, c: 6 })) cores.run(ms, () => (ends[name] = clock.now));
    clock.run();
    // Three on two: each at 2/3 until the first has ended at 3, with 2 and 4 left; from then on a core each.
    expect(ends).toEqual({ a: 3, b: 5, c: 7 });
  });
});

describe('A simulated site', () => {
  test('answers a sample alone after its layers and what is around them', () => {
    expect(simulate(SITE, due({})).p50Ms).toBeCloseTo(1 + 2 * 2, 9);
    // Two layers of the edge and two of the cloud's, in the same process.
    expect(simulate(SITE, due({ exitLayer: 10 })).p50Ms).toBeCloseTo(1 + 6 * 2, 9);
  });

  test('computes together what waits for the same layer, and answers each where it leaves', () => {
    const patient = { ...SITE, costs: { ...COSTS, aroundMs: 0 } };
    // The first begins alone, since the others come while it computes; they go together.
    const run = simulate(patient, due({ exitLayer: 5 }, { atMs: 1, exitLayer: 5 }, { atMs: 1, exitLayer: 5 }));
    expect(run.p99Ms).toBeCloseTo(1 + 3, 1);
  });

  test('hands on to replicas where the cloud stands apart', () => {
    const apart = { ...SITE, replicas: 1 };
    // Half of what is around it to be read and half to be answered, at the edge, and once more to be read at the replica.
    expect(simulate(apart, due({ exitLayer: 10 })).p50Ms).toBeCloseTo(0.5 + 4 * 2 + 0.5 + 2 * 2 + 0.5, 9);
  });

  test('has the waits of one server with even service (Pollaczek and Khinchine)', () => {
    const even = { ...SITE, costs: { ...COSTS, aroundMs: 0 }, bounds: { tokens: 1, padding: 1 } };
    let atMs = 0;
    const samples = Array.from({ length: 40_000 }, (_, client) => {
      atMs -= (2 / 0.6) * Math.log(1 - drawLot(1, client));
      return { atMs, client, tokens: 10, exitLayer: 5 };
    });
    const { meanMs, busiest } = simulate(even, samples);
    expect(busiest).toBeCloseTo(0.6, 1);
    expect(meanMs / 2).toBeCloseTo(1 + busiest / (2 * (1 - busiest)), 1);
  });
});

describe('The capacity of a site', () => {
  const rows = Array.from({ length: 50 }, (_, row) => ({ tokens: 10 + (row % 7), exitLayer: 3 + (row % 8) }));
  const demand = { ratePerUser: 0.5, p95Ms: 100, rows };

  test('grows with its cores, and with the time that it is given', () => {
    const one = siteCapacity({ ...SITE, workers: 1 }, false, demand);
    const two = siteCapacity({ ...SITE, workers: 2 }, false, demand);
    const sooner = siteCapacity({ ...SITE, workers: 1 }, false, { ...demand, p95Ms: 30 });
    expect(two.ratePerEdge / one.ratePerEdge).toBeGreaterThan(1.7);
    expect(sooner.ratePerEdge).toBeLessThan(one.ratePerEdge);
    expect(one.crossing).toBeCloseTo(rows.filter(({ exitLayer }) => exitLayer > 4).length / 50, 9);
    expect(one.usersPerEdge).toBeCloseTo(one.ratePerEdge / (0.5 * one.crossing), 9);
  });

  test('has fewer replicas than edges where few samples go on, and each edge then bears more', () => {
    const together = siteCapacity(SITE, false, demand);
    const apart = siteCapacity(SITE, true, demand);
    expect(apart.replicasPerEdge).toBeGreaterThan(0);
    expect(apart.replicasPerEdge).toBeLessThan(1);
    expect(apart.ratePerEdge).toBeGreaterThan(together.ratePerEdge);
  });

  test('is rounded up to whole machines', () => {
    const run = simulate(SITE, due({}));
    const capacity = { crossing: 1, ratePerEdge: 50, usersPerEdge: 100, replicasPerEdge: 0.25, run };
    expect(machinesFor(99, capacity)).toEqual({ users: 99, edges: 1, replicas: 1 });
    expect(machinesFor(1001, capacity)).toEqual({ users: 1001, edges: 11, replicas: 3 });
  });

  test('is an error where no machine would be quick enough, or where no sample crosses', () => {
    expect(() => siteCapacity(SITE, false, { ...demand, p95Ms: 3 })).toThrow('Allow more time');
    expect(() => siteCapacity(SITE, false, { ...demand, rows: [{ tokens: 9, exitLayer: 4 }] })).toThrow(
      'no edge is needed',
    );
  });
});
