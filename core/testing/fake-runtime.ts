import { at } from '../numbers/at';
import type { LayerRuntime } from '../model/layer-runtime';
import { type LayerIndex, toLayer } from '../layers';
import type { HiddenState } from '../hidden-state';
import type { Manifest } from '../model/manifest';
import { assembleTokens, type Texts, type Tokens } from '../model/tokens';
import { randomLogits, seededRandom } from './random';

/** Logits over all classes of all tasks, of a sample at a layer. */
export type FakeLogits = (sample: number, layer: LayerIndex) => readonly number[];

export interface FakeRuntimeOptions {
  readonly manifest: Manifest;
  /** By default random, but always the same for the same sample and layer. */
  readonly logits?: FakeLogits;
  /** Called before each layer is run; a promise holds the layer up, a throw makes it fail. */
  readonly beforeLayer?: (layer: LayerIndex) => unknown;
}

const SPECIAL = { cls: 1, sep: 2, unknown: 3 };

/**
 * A network without arithmetic. Its tokens are words, of which it knows all but “unknown”. A sample is the number that its first text ends with (`sample 7` is 7; 0 without one), at
 * most 511. Its hidden state carries that number and the layers run so far through every payload dtype without loss, so
 * the fake throws when a layer is given another layer's state.
 */
export class FakeRuntime implements LayerRuntime {
  /** Layers run, in order, over all samples. */
  readonly layersRun: LayerIndex[] = [];
  /** Samples embedded, in order. */
  readonly samplesEmbedded: number[] = [];
  readonly #logits: FakeLogits;

  constructor(private readonly options: FakeRuntimeOptions) {
    this.#logits = options.logits ?? randomLogitsOf(options.manifest.classes);
  }

  tokenize(texts: Texts): Promise<Tokens> {
    const ids = texts.map((text) => text.split(' ').map((word) => (word === 'unknown' ? SPECIAL.unknown : 0)));
    const tokens = assembleTokens(ids, SPECIAL, this.options.manifest.maxTokens);
    return Promise.resolve({ ...tokens, inputIds: tokens.inputIds.fill(sampleOf(texts)) });
  }

  embed({ inputIds }: Tokens): Promise<HiddenState> {
    const sample = at(inputIds, 0);
    this.samplesEmbedded.push(sample);
    return Promise.resolve(fakeState(this.options.manifest, sample, toLayer(0), inputIds.length));
  }

  async runLayer(layer: LayerIndex, state: HiddenState): Promise<{ state: HiddenState; logits: Float32Array }> {
    await this.options.beforeLayer?.(layer);
    const { sample, layersRun } = readFakeState(state);
    if (layersRun !== layer - 1) throw new Error(`Layer ${layer} was given the state after layer ${layersRun}.`);
    this.layersRun.push(layer);
    return {
      state: fakeState(this.options.manifest, sample, layer, state.tokens),
      logits: Float32Array.from(this.#logits(sample, layer)),
    };
  }
}

/**
 * The hidden state of a sample after `layersRun` layers, as the fake writes it: octal digits, which int4 keeps apart,
 * three of the sample and two of the layer, in every token.
 */
export function fakeState(manifest: Manifest, sample: number, layersRun: LayerIndex, tokens = 4): HiddenState {
  const { hidden } = manifest;
  const digits = [sample % 8, (sample >> 3) % 8, sample >> 6, layersRun % 8, layersRun >> 3];
  const data = Float32Array.from({ length: tokens * hidden }, (_, index) => digits[index % hidden] ?? 0);
  return { tokens, hidden, data };
}

function readFakeState({ data }: HiddenState): { sample: number; layersRun: LayerIndex } {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = Array.from(data.subarray(0, 5), Math.round);
  return { sample: a + 8 * b + 64 * c, layersRun: toLayer(d + 8 * e) };
}

/** Logits that make the first class of two as probable as `confidences[layer − 1]`, above 0 and below 1; the rest are 0. */
export function logitsOfConfidence(confidences: readonly number[], classes = 5): FakeLogits {
  return (_, layer) => {
    const p = confidences[layer - 1] ?? 0.5;
    return [Math.log(p / (1 - p)), ...new Array<number>(classes - 1).fill(0)];
  };
}

function sampleOf(texts: Texts): number {
  return Number(/\d+$/.exec(texts[0])?.[0] ?? 0);
}

function randomLogitsOf(classes: number): FakeLogits {
  return (sample, layer) => randomLogits(seededRandom(sample * 1000 + layer), classes);
}
