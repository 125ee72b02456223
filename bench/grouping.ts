import { availableParallelism, loadavg } from 'node:os';
import type { ExitRule } from '../core/ladder/ascent';
import type { HiddenState } from '../core/hidden-state';
import { toLayer } from '../core/layers';
import { at } from '../core/numbers/at';
import { drawLot } from '../core/numbers/lots';
import { nobody } from '../core/scheduling/asker';
import { Compute } from '../edge-server/compute/compute';
import { Thread } from '../edge-server/compute/thread';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { ModelFolder } from '../edge-server/model-folder';
import type { Benchmark } from './benchmark';
import { edgeRows, MOBILE_LAYERS, TO_THE_TOP } from './edge/edge-rows';
import { leavingAt } from './load/samples';

const VARIANT = 'q8';
const SAMPLES = 1500;
const IN_FLIGHT = 64;
const GROUP = 8;
const FIRST = toLayer(MOBILE_LAYERS + 1);

/** A sample and the layer at which it leaves. */
interface Leaving {
  readonly state: HiddenState;
  readonly depth: number;
}

/**
 * What the edge does, grouping those that stay anew whenever one leaves, against batches that stay together until the last of
 * them leaves (“leave only when all do”). The latter have no scheduler, and their rows are sorted by length beforehand.
 */
export const grouping: Benchmark = {
  name: 'grouping',
  about: 'samples that leave at all layers of the edge alike: grouped anew, against batches that stay together',
  async run() {
    const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
    const rows = await edgeRows(VARIANT, TO_THE_TOP);
    const states = rows.flatMap(({ request: { input } }) => (input.kind === 'hiddenState' ? [input.state] : []));
    const { layers } = model.manifest;
    const samples = Array.from({ length: SAMPLES }, (_, index) => ({
      state: at(states, index % states.length),
      depth: FIRST + Math.floor(drawLot(1, index, 3) * (layers - MOBILE_LAYERS)),
    }));
    const anew = await groupedAnew(model, samples);
    const together = await keptTogether(model, samples);
    return {
      claim: 'grouping anew whenever a sample leaves is faster than batches that leave only when all do',
      value: together / anew,
      bound: 1,
      unit: 'times as many samples a second kept together',
      details: { anewPerS: anew, togetherPerS: together, loadAverage: loadavg()[0] ?? Number.NaN },
    };
  },
};

function ruleOf(depth: number, layers: number, run = 0): ExitRule {
  return {
    task: 'sst2',
    policy: leavingAt(depth),
    plan: { mobileLayers: MOBILE_LAYERS, edgeLayers: layers },
    rowSeed: 0,
    priorLogits: Array.from({ length: MOBILE_LAYERS + run }, () => [0, 0]),
    lastLayer: toLayer(layers),
  };
}

/** Samples a second, of as many at a time as wait at an edge. */
async function groupedAnew(model: ModelFolder, samples: readonly Leaving[]): Promise<number> {
  const compute = new Compute(model, { threads: 1 });
  await compute.prepare(VARIANT);
  const runtime = compute.of(VARIANT);
  const { layers } = model.manifest;
  const climb = async ({ state, depth }: Leaving) => {
    const asker = nobody();
    for (let run = 0, from = state; run < depth - MOBILE_LAYERS;) {
      const { outputs, state: next } = await runtime.ascend(from, ruleOf(depth, layers, run), asker);
      run += outputs.length;
      from = next;
    }
  };
  const perSecond = await rateOf(samples, IN_FLIGHT, climb);
  await compute.close();
  return perSecond;
}

/** Samples a second, by as many threads as the edge has. */
async function keptTogether(model: ModelFolder, samples: readonly Leaving[]): Promise<number> {
  const { manifest } = model;
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Thread({ manifest, runtime: 'auto', threads: 1 }),
  );
  for (const [index, file] of (manifest.variants[VARIANT]?.layers ?? []).entries()) {
    const part = { kind: 'layer', variant: VARIANT, layer: toLayer(index + 1) } as const;
    const bytes = await model.read(file);
    for (const thread of threads) await thread.do('open', { part, file: bytes });
  }
  const sorted = samples.toSorted((a, b) => a.state.tokens - b.state.tokens);
  const groups = Array.from({ length: Math.ceil(sorted.length / GROUP) }, (_, index) =>
    sorted.slice(GROUP * index, GROUP * (index + 1)),
  );
  const free = [...threads];
  const groupsPerSecond = await rateOf(groups, threads.length, async (group) => {
    const thread = free.pop();
    if (!thread) throw new Error('More groups run than there are threads.');
    const rule = ruleOf(Math.max(...group.map(({ depth }) => depth)), manifest.layers);
    const batch = group.map(({ state }) => ({ state: state.data, rule }));
    await thread.do('climb', { variant: VARIANT, layer: FIRST, rows: batch });
    free.push(thread);
  });
  for (const thread of threads) await thread.close();
  return (groupsPerSecond * samples.length) / groups.length;
}

/** Jobs a second, so many at a time, after a fifth of them that do not count. */
async function rateOf<Job>(jobs: readonly Job[], atOnce: number, perform: (job: Job) => Promise<void>) {
  const all = async (some: readonly Job[]) => {
    const waiting = some.values();
    const work = async () => {
      for (const job of waiting) await perform(job);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };
  await all(jobs.slice(0, jobs.length / 5));
  const startedAt = performance.now();
  await all(jobs);
  return (1000 * jobs.length) / (performance.now() - startedAt);
}
