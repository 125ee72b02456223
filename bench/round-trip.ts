import type { InferRequest } from '../core/ladder/tier';
import { RemoteTier } from '../core/protocol/remote-tier';
import { ServerProcess } from '../edge-server/testing/server-process';
import { openSocket } from '../edge-server/web-socket';
import { type Benchmark, median } from './benchmark';
import { shippedManifest } from './dev-split';

const TOKENS = 32;
const ROUNDS = 300;

/** One int8 hidden state to the edge and its answer back, less the time its layer computes. */
export const roundTrip: Benchmark = {
  name: 'round-trip',
  about: 'a 32-token int8 hidden state over loopback, less the layers’ compute',
  async run() {
    const server = await ServerProcess.start([]);
    const [{ url }, manifest] = [server, await shippedManifest()];
    const edge = new RemoteTier({
      ...{ url, from: 'mobile', to: 'edge', modelHash: manifest.hash, variant: 'q8', client: 'bench', openSocket },
      now: () => performance.now(),
    });
    const wayMs: number[] = [];
    const roundTripMs: number[] = [];
    let bytesUp = 0;
    for (let round = -30; round < ROUNDS; round++) {
      const { crossings, steps } = await edge.infer(request(round, manifest.hidden), new AbortController().signal);
      const [crossing] = crossings;
      if (round < 0 || !crossing) continue;
      roundTripMs.push(crossing.roundTripMs);
      wayMs.push(crossing.roundTripMs - steps.reduce((sum, { computeMs }) => sum + computeMs, 0));
      bytesUp = crossing.bytesUp;
    }
    edge.close();
    await server.stop();
    return {
      claim: 'the way to the edge and back, for a 32-token int8 hidden state',
      value: median(wayMs),
      bound: 2,
      unit: 'ms (median)',
      details: { rounds: ROUNDS, medianRoundTripMs: median(roundTripMs), bytesUp },
    };
  },
};

/** A sample after layer 4 that leaves at layer 5. */
function request(round: number, hidden: number): InferRequest {
  const data = Float32Array.from({ length: TOKENS * hidden }, (_, index) => Math.sin(index + round));
  return {
    sampleKey: `bench-${round}`,
    task: 'sst2',
    policy: { id: 'confidence', parameters: { mobileThreshold: 1, edgeThreshold: 0 } },
    plan: { mobileLayers: 4, edgeLayers: 8 },
    priorLogits: Array.from({ length: 4 }, () => [0, 0]),
    input: { kind: 'hiddenState', state: { tokens: TOKENS, hidden, data } },
    payloadDtype: 'int8',
    deadlineMs: 30_000,
  };
}
