import { loadavg } from 'node:os';
import type { InferRequest } from '../core/ladder/tier';
import { RemoteTier } from '../core/protocol/remote-tier';
import { ServerProcess } from '../edge-server/testing/server-process';
import { openSocket } from '../edge-server/web-socket';
import { type Benchmark, median } from './benchmark';
import { MOBILE_LAYERS } from './edge/edge-rows';
import { leavingAt } from './load/samples';
import { shippedManifest } from './dev-split';

const TOKENS = 32;
const ROUNDS = 300;
/** Layers at the edge, and the milliseconds that may go to all but computing them. */
const BOUNDS_MS = { 1: 0.9, 8: 1.3 };

/** One int8 hidden state to an idle edge and its answer back, less the time its layers compute. */
export const roundTrip: Benchmark = {
  name: 'round-trip',
  about: 'a 32-token int8 hidden state to an idle edge over loopback, less the layers’ compute',
  async run() {
    const server = await ServerProcess.start([]);
    const [{ url }, manifest] = [server, await shippedManifest()];
    const edge = new RemoteTier({
      ...{ url, from: 'mobile', to: 'edge', modelHash: manifest.hash, variant: 'q8', client: 'bench', openSocket },
      now: () => performance.now(),
    });
    const [one, eight] = [await wayWith(edge, manifest.hidden, 1), await wayWith(edge, manifest.hidden, 8)];
    edge.close();
    await server.stop();
    return {
      claim: 'the way to an idle edge and back, for a 32-token int8 hidden state, takes little beside its layers',
      value: Math.max(one.wayMs / BOUNDS_MS[1], eight.wayMs / BOUNDS_MS[8]),
      bound: 1,
      unit: `times what it may (${BOUNDS_MS[1]} ms with one layer, ${BOUNDS_MS[8]} with eight; medians)`,
      details: {
        wayMs: { 1: one.wayMs, 8: eight.wayMs },
        roundTripMs: { 1: one.roundTripMs, 8: eight.roundTripMs },
        bytesUp: one.bytesUp,
        rounds: ROUNDS,
        loadAverage: loadavg()[0] ?? Number.NaN,
      },
    };
  },
};

/** Medians over samples that leave after so many layers at the edge. */
async function wayWith(edge: RemoteTier, hidden: number, layers: number) {
  const wayMs: number[] = [];
  const roundTripMs: number[] = [];
  let bytesUp = 0;
  for (let round = -ROUNDS / 2; round < ROUNDS; round++) {
    const { crossings, steps } = await edge.infer(request(round, hidden, layers), new AbortController().signal);
    const [crossing] = crossings;
    if (round < 0 || !crossing) continue;
    roundTripMs.push(crossing.roundTripMs);
    wayMs.push(crossing.roundTripMs - steps.reduce((sum, { computeMs }) => sum + computeMs, 0));
    bytesUp = crossing.bytesUp;
  }
  return { wayMs: median(wayMs), roundTripMs: median(roundTripMs), bytesUp };
}

/** A sample after layer 4 that leaves after so many layers more. */
function request(round: number, hidden: number, layers: number): InferRequest {
  const data = Float32Array.from({ length: TOKENS * hidden }, (_, index) => Math.sin(index + round));
  return {
    sampleKey: `bench-${round}`,
    task: 'sst2',
    policy: leavingAt(MOBILE_LAYERS + layers),
    plan: { mobileLayers: MOBILE_LAYERS, edgeLayers: 12 },
    rowSeed: 0,
    priorLogits: Array.from({ length: MOBILE_LAYERS }, () => [0, 0]),
    input: { kind: 'hiddenState', state: { tokens: TOKENS, hidden, data } },
    payloadDtype: 'int8',
    deadlineMs: 30_000,
  };
}
