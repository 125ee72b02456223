import type { HiddenState } from '../core/hidden-state';
import { toLayer } from '../core/layers';
import type { LayerRuntime } from '../core/model/layer-runtime';
import { defaultVariantOf } from '../core/model/manifest';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { ModelFolder } from '../edge-server/model-folder';
import { OnnxRuntimes } from '../edge-server/runtimes';
import type { Benchmark } from './benchmark';

const LAYERS = [1, 2, 3, 4, 5, 6].map(toLayer);
/** Where a page's states leave for the edge unless it is told otherwise. */
const USUAL_SPLIT = toLayer(4);
/** Ids of whole words in the vocabulary, of which the frequent ones come first. */
const WORD_IDS = { from: 1996, to: 8000 };

/** A token alone, without any context, after each layer. */
interface Entry {
  readonly id: number;
  readonly states: readonly Float32Array[];
}

/**
 * The simplest of attacks on a hidden state: whoever has the model, as everybody has, runs every frequent word alone through
 * its first layers, and looks for the nearest one to each position of a state. Trained attacks recover more.
 */
export const inversion: Benchmark = {
  name: 'inversion',
  about: 'words of our example sentences that the nearest neighbour reads from hidden states',
  async run() {
    const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
    const { manifest } = model;
    const runtime = new OnnxRuntimes(model, { threads: 1 }).of(defaultVariantOf(manifest, 'native'));
    const dictionary = await dictionaryOf(runtime);
    const examples = Object.values(manifest.tasks).flatMap((task) => task.examples);
    const found = LAYERS.map(() => 0);
    let words = 0;
    for (const texts of examples) {
      const tokens = await runtime.tokenize(texts);
      const states = await statesOf(runtime, tokens);
      for (const [position, id] of [...tokens.inputIds].entries()) {
        if (id < WORD_IDS.from || id >= WORD_IDS.to) continue;
        words++;
        states.forEach((state, index) => {
          if (nearest(rowOf(state, position), dictionary, index) === id) found[index] = (found[index] ?? 0) + 1;
        });
      }
    }
    const shares = found.map((count) => count / words);
    return {
      claim:
        'a hidden state is no protection of its text: frequent words that are not read from it where the page sends it on',
      value: 1 - (shares[USUAL_SPLIT - 1] ?? 0),
      bound: 0.5,
      unit: 'of all',
      details: {
        words,
        dictionary: dictionary.length,
        ...Object.fromEntries(LAYERS.map((layer, index) => [`readAfterLayer${layer}`, shares[index] ?? 0])),
      },
    };
  },
};

async function dictionaryOf(runtime: LayerRuntime): Promise<Entry[]> {
  const pattern = await runtime.tokenize(['the']);
  const entries: Entry[] = [];
  for (let id = WORD_IDS.from; id < WORD_IDS.to; id++) {
    const inputIds = pattern.inputIds.slice();
    inputIds[1] = id;
    const states = await statesOf(runtime, { ...pattern, inputIds });
    entries.push({ id, states: states.map((state) => rowOf(state, 1)) });
  }
  return entries;
}

async function statesOf(runtime: LayerRuntime, tokens: Parameters<LayerRuntime['embed']>[0]): Promise<HiddenState[]> {
  const states: HiddenState[] = [];
  let state = await runtime.embed(tokens);
  for (const layer of LAYERS) {
    ({ state } = await runtime.runLayer(layer, state));
    states.push(state);
  }
  return states;
}

function rowOf({ data, hidden }: HiddenState, position: number): Float32Array {
  return data.slice(position * hidden, (position + 1) * hidden);
}

/** The word whose state alone is the most like this one, by cosine. */
function nearest(state: Float32Array, dictionary: readonly Entry[], index: number): number | undefined {
  let best: { readonly id: number; readonly likeness: number } | undefined;
  for (const { id, states } of dictionary) {
    const other = states[index];
    const likeness = other ? cosine(state, other) : -1;
    if (!best || likeness > best.likeness) best = { id, likeness };
  }
  return best?.id;
}

function cosine(one: Float32Array, other: Float32Array): number {
  let [product, ones, others] = [0, 0, 0];
  for (let index = 0; index < one.length; index++) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    product += a * b;
    ones += a * a;
    others += b * b;
  }
  return product / Math.sqrt(ones * others);
}
