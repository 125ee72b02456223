import { availableParallelism } from 'node:os';
import { deviation, mean } from 'd3-array';
import { type BoxCosts, fitLayerCosts, type MeasuredBatch } from '../../core/capacity/box-costs';
import { toLayer } from '../../core/layers';
import { variantOf } from '../../core/model/manifest';
import { BATCH_BOUNDS } from '../../core/scheduling/companions';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { shared, sharedFloats } from '../../edge-server/compute/shared-memory';
import { Thread } from '../../edge-server/compute/thread';
import { ModelFolder } from '../../edge-server/model-folder';
import { EdgeUnderLoad } from '../edge/edge-under-load';
import { edgeRows, MOBILE_LAYERS } from '../edge/edge-rows';
import { leavingAt } from '../load/samples';

const LENGTHS = [8, 16, 32, 64, 128];
const ROWS = [1, 2, 4, 8, 16];
const ROUNDS = 5;
/** Layers of the edge that two loads run, whose difference is what a layer takes, and the rest is around it. */
const FEW_LAYERS = 2;
const MANY_LAYERS = 8;
const CLIENTS = 16;
const SAMPLES = 1500;

/** What a box takes that is this machine, a worker a core: with all of its cores at work. */
export async function measureCosts(variant: string): Promise<BoxCosts> {
  const batches = await measureBatches(variant);
  const variation = mean(batches.map(({ times }) => (deviation(times) ?? 0) / (mean(times) ?? 1))) ?? 0;
  return { ...fitLayerCosts(batches), variation, aroundMs: await measureAround(variant) };
}

/** Milliseconds of a layer by rows and length, while every worker is busy. */
async function measureBatches(variant: string): Promise<(MeasuredBatch & { readonly times: readonly number[] })[]> {
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const { manifest } = model;
  const files = variantOf(manifest, variant).layers;
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Thread({ manifest, runtime: 'auto', threads: 1 }),
  );
  for (const [index, file] of files.entries()) {
    const part = { kind: 'layer', variant, layer: toLayer(index + 1) } as const;
    const bytes = shared(await model.read(file));
    for (const thread of threads) await thread.do('open', { part, file: bytes });
  }
  const batches = LENGTHS.flatMap((longest) => ROWS.map((rows) => ({ rows, longest })));
  const measured: (MeasuredBatch & { times: number[] })[] = [];
  for (const { rows, longest } of batches.filter(({ rows, longest }) => rows * longest <= BATCH_BOUNDS.tokens)) {
    const states = Array.from({ length: rows }, (_, row) => ({
      state: waves(longest * manifest.hidden, row),
      rule: undefined,
    }));
    const times: number[] = [];
    await Promise.all(
      threads.map(async (thread) => {
        for (let run = 0; run < ROUNDS * files.length; run++) {
          const layer = toLayer((run % files.length) + 1);
          times.push((await thread.do('climb', { variant, layer, rows: states })).computeMs);
        }
      }),
    );
    measured.push({ rows, longest, ms: mean(times) ?? Number.NaN, times });
  }
  await Promise.all(threads.map((thread) => thread.close()));
  return measured;
}

/** Numbers that look like a hidden state's. */
function waves(length: number, phase: number): Float32Array {
  return sharedFloats(length).map((_, index) => Math.sin(0.7 * index + phase));
}

/** Of a loaded edge's processor time, a sample, what would be left without any layer. */
async function measureAround(variant: string): Promise<number> {
  const rows = await edgeRows(variant, leavingAt(MOBILE_LAYERS));
  const edge = await EdgeUnderLoad.start(variant);
  const cpuMsEach = async (layers: number, count: number) => {
    const samples = rows.map(({ request, ...rest }) => ({
      ...rest,
      request: { ...request, policy: leavingAt(MOBILE_LAYERS + layers) },
    }));
    return (await edge.run(samples, count, CLIENTS)).cpuMsEach;
  };
  await cpuMsEach(MANY_LAYERS, SAMPLES / 3);
  const [few, many] = [await cpuMsEach(FEW_LAYERS, SAMPLES), await cpuMsEach(MANY_LAYERS, SAMPLES)];
  await edge.stop();
  return (MANY_LAYERS * few - FEW_LAYERS * many) / (MANY_LAYERS - FEW_LAYERS);
}
