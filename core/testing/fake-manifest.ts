import { type Manifest, parseManifest } from '../model/manifest';

const fakeFile = (path: string) => ({ path, bytes: 1, sha256: '0'.repeat(64) });

const fakeVariant = (id: string, layers: number) => ({
  description: `variant ${id} of the fake model`,
  embeddings: fakeFile(`${id}/embeddings.onnx`),
  layers: Array.from({ length: layers }, (_, index) => fakeFile(`${id}/layer-${index + 1}.onnx`)),
});

/** After layers 3 to 6. */
const fakeCodecEntries = (layers: number) =>
  [3, 4, 5, 6]
    .filter((layer) => layer < layers)
    .map((layer) => {
      const file = { ...fakeFile(`codecs/layer-${layer}.bin`), sha256: `c${layer}`.padEnd(64, '0') };
      return { layer, codewords: 2, levels: 3, classes: 4, file };
    });

/**
 * `manifest.json` of a model that does not exist: by default 12 layers of hidden size 8, variants `q8` and `fp16`, tasks
 * `sst2` (one text, 2 classes) and `mnli` (two texts, 3 classes), all temperatures 1, codecs after layers 3 to 6.
 */
export function fakeManifestJson({ layers = 12, hidden = 8, maxTokens = 16 } = {}) {
  const temperatures = new Array<number>(layers).fill(1);
  return {
    format: 1,
    id: 'fake',
    hash: 'f'.repeat(64),
    layers,
    hidden,
    maxTokens,
    classes: 5,
    tokenizer: fakeFile('tokenizer.json'),
    variants: { q8: fakeVariant('q8', layers), fp16: fakeVariant('fp16', layers) },
    defaultVariant: { wasm: 'q8', webgpu: 'fp16', native: 'q8' },
    tasks: {
      sst2: {
        name: 'Sentiment',
        question: 'Good or bad?',
        examples: [['A fine thing.'], ['A sad thing.'], ['A thing.']],
        pair: false,
        labels: ['negative', 'positive'],
        logits: [0, 2],
        temperatures,
      },
      mnli: {
        name: 'Entailment',
        question: 'Does it follow?',
        examples: [['It rains.', 'It is wet.']],
        pair: true,
        labels: ['entailment', 'neutral', 'contradiction'],
        logits: [2, 5],
        temperatures,
      },
    },
    codecs: fakeCodecEntries(layers),
  };
}

/** The same, parsed. */
export function fakeManifest(options?: Parameters<typeof fakeManifestJson>[0]): Manifest {
  return parseManifest(fakeManifestJson(options));
}
