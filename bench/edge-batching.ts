import { loadavg } from 'node:os';
import type { Benchmark } from './benchmark';
import { bareCpuMsEach } from './edge/bare-batches';
import { edgeRows, MOBILE_LAYERS, TO_THE_TOP } from './edge/edge-rows';
import { EdgeUnderLoad, type Measured, PATIENT } from './edge/edge-under-load';
import { freeCores } from './free-cores';
import { leavingAt } from './load/samples';

const CLIENTS = 64;
const SAMPLES = 1500;
const IDEAL_BATCH = 8;
/** Layers at which all samples leave, one run each. */
const DEPTHS = [6, 8, 10, 12];

/** The edge's work for samples of many clients against that of the runtime alone, and against itself without batches. */
export const edgeBatching: Benchmark = {
  name: 'edge-batching',
  about: `${CLIENTS} clients of one edge: processor time over the bare runtime, batches on and off, fewer layers`,
  async run() {
    const free = await freeCores();
    const bare = await bareOf('q8');
    const bareFp16 = await bareOf('fp16');
    const q8 = await onAndOff('q8');
    const fp16 = await onAndOff('fp16');
    const rates = await ratesByDepth();
    const works = rates.map(({ layers, perSecond }) => layers * perSecond);
    return {
      claim: 'the edge spends little more than the runtime alone would in ideal batches',
      value: q8.on.cpuMsEach / bare.ideal,
      bound: 1.18,
      unit: 'times the processor time of the bare runtime (q8)',
      details: {
        cpuOverBare: q8.on.cpuMsEach / bare.ideal,
        onOverOff: { q8: q8.on.perSecond / q8.off.perSecond, fp16: fp16.on.perSecond / fp16.off.perSecond },
        /** What batches bring the bare runtime on this machine. */
        bareOnOverOff: { q8: bare.alone / bare.ideal, fp16: bareFp16.alone / bareFp16.ideal },
        bareCpuMsEach: bare.ideal,
        cpuMsEach: q8.on.cpuMsEach,
        perSecond: { q8: q8.on.perSecond, fp16: fp16.on.perSecond },
        perSecondByLayers: Object.fromEntries(rates.map(({ layers, perSecond }) => [layers, perSecond])),
        /** Layers times samples a second, the least over the most: 1 where the rate is inverse to the layers. */
        inverse: Math.min(...works) / Math.max(...works),
        freeCores: free,
        loadAverage: loadavg()[0] ?? Number.NaN,
      },
    };
  },
};

/** The runtime alone, in ideal batches and sample by sample. */
async function bareOf(variant: string): Promise<{ readonly ideal: number; readonly alone: number }> {
  const rows = await edgeRows(variant, TO_THE_TOP);
  return { ideal: await bareCpuMsEach(variant, rows, IDEAL_BATCH), alone: await bareCpuMsEach(variant, rows, 1) };
}

/** The same samples through two servers that differ in nothing but batches. */
async function onAndOff(variant: string): Promise<{ readonly on: Measured; readonly off: Measured }> {
  return {
    off: await measured(variant, [...PATIENT, '--batch-tokens', '1']),
    on: await measured(variant, PATIENT),
  };
}

async function measured(variant: string, flags: readonly string[]): Promise<Measured> {
  const rows = await edgeRows(variant, TO_THE_TOP);
  const edge = await EdgeUnderLoad.start(variant, flags);
  await edge.run(rows, SAMPLES / 4, CLIENTS);
  const found = await edge.run(rows, SAMPLES, CLIENTS);
  await edge.stop();
  return found;
}

async function ratesByDepth(): Promise<{ readonly layers: number; readonly perSecond: number }[]> {
  const edge = await EdgeUnderLoad.start('q8');
  const rates: { layers: number; perSecond: number }[] = [];
  for (const depth of DEPTHS) {
    const rows = await edgeRows('q8', leavingAt(depth));
    await edge.run(rows, SAMPLES / 4, CLIENTS);
    const { perSecond } = await edge.run(rows, SAMPLES, CLIENTS);
    rates.push({ layers: depth - MOBILE_LAYERS, perSecond });
  }
  await edge.stop();
  return rates;
}
