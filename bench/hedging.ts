import { quantile } from 'd3-array';
import { setTimeout as sleep } from 'node:timers/promises';
import { wayToTiers } from '../core/protocol/way-to-tiers';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { FakeRuntime } from '../core/testing/fake-runtime';
import { startFakeServer } from '../edge-server/testing/fake-server';
import { openSocket } from '../edge-server/web-socket';
import { median, type Benchmark } from './benchmark';
import { arrivalsOf } from './load/arrivals';

/** Milliseconds of a layer, whose work is a wait, one at a time in each edge: what is measured is who is asked, and not how fast this machine computes. */
const LAYER_MS = 1;
const SLOWED = 10;
const ARRIVALS = { kind: 'poisson', rate: 12, seconds: 20, clients: 1 } as const;
/** Samples before what is learnt of the edges counts. */
const WARM_UP_MS = 2000;
const ROUNDS = 3;

interface Run {
  readonly p99Ms: number;
  /** Requests that reached an edge, of all samples. */
  readonly requestsASample: number;
}

/** Two edges of which one is slowed tenfold, against two that are well. */
export const hedging: Benchmark = {
  name: 'hedging',
  about: 'a client with two edges, one of them ten times slower, against two that are well',
  async run() {
    const rounds: { readonly well: Run; readonly slowed: Run }[] = [];
    for (let seed = 1; seed <= ROUNDS; seed++) {
      rounds.push({ well: await runOver([1, 1], seed), slowed: await runOver([1, SLOWED], seed) });
    }
    const all = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
    return {
      claim: 'one of two edges slowed tenfold: 99th percentile over that of two that are well',
      value: all(({ well, slowed }) => slowed.p99Ms / well.p99Ms),
      bound: 1.5,
      unit: 'times (median of rounds)',
      details: {
        wellP99Ms: all(({ well }) => well.p99Ms),
        slowedP99Ms: all(({ slowed }) => slowed.p99Ms),
        requestsASample: Math.max(...rounds.map(({ slowed }) => slowed.requestsASample)),
      },
    };
  },
};

async function runOver(slowness: readonly number[], seed: number): Promise<Run> {
  const manifest = fakeManifest();
  let asked = 0;
  const edges = await Promise.all(
    slowness.map((times) => {
      const beforeLayer = async (layer: number) => {
        if (layer === 1) asked++;
        await sleep(times * LAYER_MS);
      };
      return startFakeServer([], new FakeRuntime({ manifest, beforeLayer }));
    }),
  );
  const way = { from: 'mobile', to: 'edge', modelHash: manifest.hash, variant: 'q8', client: 'bench' } as const;
  const urls = edges.map(({ url }) => url);
  const tier = wayToTiers(
    urls.map((url) => ({ url })),
    { ...way, openSocket, now: () => performance.now() },
  );
  const never = new AbortController().signal;
  const startedAt = performance.now();
  const arrivals = arrivalsOf({ ...ARRIVALS, seed });
  const latencies: Promise<number | undefined>[] = [];
  for (const [index, { atMs }] of arrivals.entries()) {
    await sleep(Math.max(startedAt + atMs - performance.now(), 0));
    const request = fakeRequest({
      sampleKey: `sample-${index}`,
      policy: { id: 'all-edge', parameters: {} },
      deadlineMs: 60_000,
    });
    const answered = tier.infer(request, never);
    latencies.push(answered.then(() => (atMs < WARM_UP_MS ? undefined : performance.now() - startedAt - atMs)));
  }
  const counted = (await Promise.all(latencies)).filter((ms) => ms !== undefined);
  tier.close();
  for (const edge of edges) await edge.close();
  return { p99Ms: quantile(counted, 0.99) ?? Number.NaN, requestsASample: asked / arrivals.length };
}
