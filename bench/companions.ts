import { readParity } from '../edge-server/testing/parity';
import { randomInt, randomItem, seededRandom, type Random } from '../core/testing/random';
import type { Benchmark, Report } from './benchmark';
import { shippedManifest } from './dev-split';
import { LayerBatches, type Row, type RowOutput } from './layer-batches';

/** Token ids of one sample. */
type Ids = readonly number[];

/** A batch of samples, by their index. */
export interface Company {
  readonly samples: readonly number[];
  /** For each hostile companion what its hidden state is full of. */
  readonly poisons: readonly number[];
  /** Tokens beyond the longest sample. */
  readonly padding: number;
}

type Layers = Pick<LayerBatches, 'embed' | 'runLayer'>;

interface Compared {
  readonly rows: number;
  /** Rows that had other bits than alone, in a state or a logit, after any layer. */
  readonly differing: number;
}

interface CompanionsReport extends Report, Compared {
  readonly variants: Readonly<Record<string, Compared>>;
}

const BATCHES = 30;
const LARGEST_BATCH = 32;
const RANDOM_SAMPLES = 60;
const POISONS: readonly number[] = [1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Whether a sample's answer depends on who else was in the batch: bits of all layers, alone and in company. */
export const companions: Benchmark = {
  name: 'companions',
  about: 'rows whose bits change in a batch, beside padding and hostile companions',
  async run(): Promise<CompanionsReport> {
    const manifest = await shippedManifest();
    const random = seededRandom(19);
    const samples = await mixedSamples(random, manifest.maxTokens);
    const companies = Array.from({ length: BATCHES }, () => anyCompany(random, samples, manifest.maxTokens));
    const variants: Record<string, Compared> = {};
    for (const variant of Object.keys(manifest.variants)) {
      const layers = await LayerBatches.open(manifest, variant);
      variants[variant] = await compareInCompany(layers, manifest.layers, samples, companies);
      await layers.release();
    }
    const rows = sum(Object.values(variants).map((compared) => compared.rows));
    const differing = sum(Object.values(variants).map((compared) => compared.differing));
    return {
      claim: 'rows of a batch that have other bits than alone, over embeddings and all layers',
      ...{ value: differing, bound: 0, unit: `of ${rows} rows` },
      details: Object.fromEntries(
        Object.entries(variants).map(([name, found]) => [name, `${found.differing} of ${found.rows}`]),
      ),
      ...{ rows, differing, variants },
    };
  },
};

/** This project's own sentences, and random tokens of every length. */
async function mixedSamples(random: Random, maxTokens: number): Promise<readonly Ids[]> {
  const { samples } = await readParity();
  const own = samples.map(({ inputIds }) => inputIds);
  return [...own, ...Array.from({ length: RANDOM_SAMPLES }, () => anyTokens(random, randomInt(random, 1, maxTokens)))];
}

const anyTokens = (random: Random, length: number): Ids => Array.from({ length }, () => randomInt(random, 0, 30_000));

function anyCompany(random: Random, samples: readonly Ids[], maxTokens: number): Company {
  const size = randomInt(random, 1, LARGEST_BATCH);
  const poisons = size > 1 && random() < 0.75 ? [randomItem(random, POISONS)] : [];
  const chosen = Array.from({ length: size - poisons.length }, () => randomInt(random, 0, samples.length - 1));
  const longest = Math.max(...chosen.map((sample) => samples[sample]?.length ?? 0));
  return { samples: chosen, poisons, padding: randomInt(random, 0, Math.min(16, maxTokens - longest)) };
}

/** Climbs all layers with every sample alone, then in each company, and compares bit by bit. */
export async function compareInCompany(
  layers: Layers,
  layerCount: number,
  samples: readonly Ids[],
  companies: readonly Company[],
): Promise<Compared> {
  const alone: (readonly (readonly Row[])[])[] = [];
  for (const ids of samples) alone.push(await climb(layers, layerCount, [ids], [], ids.length));
  let [rows, differing] = [0, 0];
  for (const { samples: chosen, poisons, padding } of companies) {
    const batch = chosen.map((sample) => samples[sample] ?? []);
    const width = Math.max(...batch.map(({ length }) => length)) + padding;
    const together = await climb(layers, layerCount, batch, poisons, width);
    for (const [row, sample] of chosen.entries()) {
      rows += 1;
      const same = together.every((step, index) => hasSameBits(step[row], alone[sample]?.[index]?.[0]));
      if (!same) differing += 1;
    }
  }
  return { rows, differing };
}

/** The embeddings' rows, then each layer's. Poison is in front, as wide as the batch, and fresh before each layer. */
async function climb(
  layers: Layers,
  layerCount: number,
  batch: readonly Ids[],
  poisons: readonly number[],
  width: number,
): Promise<readonly (readonly Row[])[]> {
  let rows = await layers.embed(batch, width);
  const steps: (readonly Row[])[] = [rows];
  const perToken = (rows[0]?.data.length ?? 0) / (rows[0]?.tokens ?? 1);
  const hostile = poisons.map((poison) => ({
    tokens: width,
    data: new Float32Array(width * perToken).fill(poison),
  }));
  for (let layer = 1; layer <= layerCount; layer++) {
    const outputs = await layers.runLayer(layer, [...hostile, ...rows], width);
    rows = outputs.slice(hostile.length);
    steps.push(rows);
  }
  return steps;
}

function hasSameBits(left: Row | RowOutput | undefined, right: Row | RowOutput | undefined): boolean {
  if (!left || !right) return false;
  const numbers = (row: Row | RowOutput) => [row.data, ...('logits' in row ? [row.logits] : [])];
  const others = numbers(right);
  return numbers(left).every((own, index) => bytesOf(own).equals(bytesOf(others[index])));
}

const bytesOf = (data: Float32Array = new Float32Array()) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
