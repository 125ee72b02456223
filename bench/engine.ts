import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { OpenInferenceTier } from '../edge-server/open-inference/open-inference-tier';
import { EngineNode } from '../edge-server/testing/engine-node';
import { at } from '../core/numbers/at';
import type { Benchmark } from './benchmark';
import { edgeRows, TO_THE_TOP } from './edge/edge-rows';
import { EdgeUnderLoad } from './edge/edge-under-load';
import { bareRate } from './engine/bare-rate';
import { engineClient } from './engine/engine-client';
import { freeCores } from './free-cores';
import type { LoadSample } from './load/samples';

const VARIANT = 'q8';
const IN_FLIGHT = 64;
const SAMPLES = 2000;
const IDEAL_BATCH = 8;
const DEADLINE_MS = 60_000;

/** Ray Serve and the edge's own process beside the runtime alone, on the same cores, layers 5 to 12. */
export const engine: Benchmark = {
  name: 'engine',
  about: 'samples a second of the engine of `npm run cluster`, of the edge in its place, and of the bare runtime',
  async run() {
    const free = await freeCores();
    const rows = await edgeRows(VARIANT, TO_THE_TOP);
    const bare = await bareRate(VARIANT, IDEAL_BATCH);
    const ofEngine = await engineRate(rows);
    const ofEdge = await edgeRate(rows);
    return {
      claim: 'the engine loses little of what the runtime alone would do on the same cores',
      value: bare / ofEngine.perSecond,
      bound: 1 / 0.6,
      unit: 'times the samples a second, of the bare runtime in ideal batches',
      details: {
        engineOverBare: ofEngine.perSecond / bare,
        inProcessOverBare: ofEdge.perSecond / bare,
        inProcessOverEngine: ofEdge.perSecond / ofEngine.perSecond,
        perSecond: { bare, engine: ofEngine.perSecond, inProcess: ofEdge.perSecond },
        /** Of processor time, of this program, which sends the samples on the cores that it measures. */
        clientMsEach: { engine: ofEngine.clientMsEach, inProcess: ofEdge.clientMsEach },
        cores: availableParallelism(),
        variant: VARIANT,
        freeCores: Number(free.toFixed(2)),
      },
    };
  },
};

interface Rate {
  readonly perSecond: number;
  readonly clientMsEach: number;
}

async function engineRate(rows: readonly LoadSample[]): Promise<Rate> {
  const cores = availableParallelism();
  const running = await EngineNode.start('head', [`--replicas=${cores}`, `--cpus=${cores}`]);
  try {
    const client = await engineClient(running.url, VARIANT);
    await asked(client, rows, SAMPLES / 4);
    const rate = await rateOf(SAMPLES, () => asked(client, rows, SAMPLES));
    client.close();
    return rate;
  } finally {
    await running.clear();
  }
}

/** So many are kept under way until all have been answered. */
async function asked(client: OpenInferenceTier, rows: readonly LoadSample[], count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const { request } = at(rows, next++ % rows.length);
      const sample = { ...request, sampleKey: randomUUID(), deadlineMs: DEADLINE_MS };
      await client.infer(sample, new AbortController().signal);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

async function edgeRate(rows: readonly LoadSample[]): Promise<Rate> {
  const edge = await EdgeUnderLoad.start(VARIANT);
  await edge.run(rows, SAMPLES / 4, IN_FLIGHT);
  const rate = await rateOf(SAMPLES, () => edge.run(rows, SAMPLES, IN_FLIGHT));
  await edge.stop();
  return rate;
}

async function rateOf(count: number, work: () => Promise<unknown>): Promise<Rate> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: (1000 * count) / (performance.now() - startedAt),
    clientMsEach: (user + system) / 1000 / count,
  };
}
