import { describe, expect, test } from 'vitest';
import type { MeasureAnswer, MeasureRequest } from '../core/device/messages';
import { DimeeError } from '../core/errors';
import type { ModelFile } from '../core/model/manifest';
import type { Session } from '../core/model/onnx-layers';
import type { Backend } from '../core/protocol/page-messages';
import { fakeManifest } from '../core/testing/fake-manifest';
import { DeviceBench, type DeviceBenchParts } from './device-bench';

const manifest = fakeManifest();
const variants = Object.keys(manifest.variants);
const [variant = ''] = variants;
/** A BERT tokeniser that knows no word. */
const tokenizer = new TextEncoder().encode(
  JSON.stringify({
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: null, lowercase: true },
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2 },
    },
  }),
);

interface World {
  readonly parts: DeviceBenchParts;
  readonly said: MeasureAnswer[];
  /** Sessions that are open. */
  readonly open: Set<Session>;
  readonly fetched: string[];
}

/** Layers whose every run takes as many milliseconds as it has tokens, by a clock that nothing else moves. */
function worldWith({
  missing = [],
  failing = [],
  gpu = false,
}: { missing?: readonly ModelFile[]; failing?: readonly ModelFile[]; gpu?: boolean } = {}): World {
  const [said, fetched]: [MeasureAnswer[], string[]] = [[], []];
  const open = new Set<Session>();
  const clock = { ms: 0 };
  const failingPaths = failing.map(({ path }) => path);
  const createSession = (graph: Uint8Array): Promise<Session> => {
    clock.ms += 50;
    if (failingPaths.includes(new TextDecoder().decode(graph))) {
      return Promise.reject(new DimeeError('MODEL_UNAVAILABLE', 'The runtime cannot read it.'));
    }
    const session: Session = {
      run: (_, tokens) => {
        clock.ms += tokens;
        const logits = Float32Array.from({ length: manifest.classes }, (__, index) => index);
        return Promise.resolve({ outputs: { logits }, computeMs: tokens });
      },
      release: () => (open.delete(session), Promise.resolve()),
    };
    open.add(session);
    return Promise.resolve(session);
  };
  const adapter = gpu ? 'acme' : undefined;
  const choice = (backend: Backend) => ({ backend, threads: 4, adapter, fallback: 'No WebGPU.' });
  const parts: DeviceBenchParts = {
    post: (answer) => said.push(answer),
    openFiles: () =>
      Promise.resolve({
        manifest,
        fetchFile: (file) => {
          fetched.push(file.path);
          const isTokenizer = file.path === manifest.tokenizer.path;
          return Promise.resolve(isTokenizer ? tokenizer : new TextEncoder().encode(file.path));
        },
        isHere: (file) => Promise.resolve(!missing.includes(file)),
      }),
    chooseBackend: (wanted) => Promise.resolve(choice(wanted === 'webgpu' && !gpu ? 'wasm' : wanted)),
    noRealGpu: () => Promise.resolve(undefined),
    gpuRuntimeBytes: () => Promise.resolve(1000),
    startRuntime: (_, threads) => {
      clock.ms += 300;
      return Promise.resolve({ threads, createSession });
    },
    now: () => clock.ms,
  };
  return { parts, said, open, fetched };
}

const measure: Extract<MeasureRequest, { type: 'measure' }> = {
  ...{ type: 'measure', manifestUrl: 'https://page/manifest.json', variants, lengthMs: 100 },
  ...{ station: { backend: 'wasm', threads: 2 }, isChecked: false, expected: {} },
};

describe('the survey of a device', () => {
  test('fetches nothing, and says what would have to be', async () => {
    const first = manifest.variants[variant]?.layers[0];
    const world = worldWith({ missing: first ? [first] : [] });
    await new DeviceBench(world.parts).answer({ type: 'survey', manifestUrl: '' });
    expect(world.said).toEqual([
      {
        type: 'surveyed',
        survey: {
          ...{ threads: 4, adapter: undefined, noGpu: 'No WebGPU.', commonBytes: 0 },
          variants: variants.map((id) => ({ id, missingBytes: id === variant ? first?.bytes : 0 })),
        },
      },
    ]);
    expect(world.fetched).toEqual([]);
  });

  test('counts what the check of WebGPU needs', async () => {
    const tables = Object.values(manifest.variants).map(({ embeddings }) => embeddings);
    const world = worldWith({ missing: [...tables, manifest.tokenizer], gpu: true });
    await new DeviceBench(world.parts).answer({ type: 'survey', manifestUrl: '' });
    const bytes = Math.min(...tables.map((table) => table.bytes)) + manifest.tokenizer.bytes + 1000;
    expect(world.said).toMatchObject([{ survey: { adapter: 'acme', noGpu: undefined, commonBytes: bytes } }]);
  });

  test('names a GPU that is none', async () => {
    const world = worldWith({ gpu: true });
    const noRealGpu = () => Promise.resolve('The only GPU adapter is software (pixels).');
    await new DeviceBench({ ...world.parts, noRealGpu }).answer({ type: 'survey', manifestUrl: '' });
    expect(world.said).toMatchObject([
      { survey: { adapter: undefined, noGpu: 'The only GPU adapter is software (pixels).' } },
    ]);
  });

  test('tells of a model that is not there', async () => {
    const world = worldWith();
    const openFiles = () => Promise.reject(new DimeeError('MODEL_UNAVAILABLE', 'There is no model.'));
    await new DeviceBench({ ...world.parts, openFiles }).answer({ type: 'survey', manifestUrl: '' });
    expect(world.said).toMatchObject([{ type: 'failed', error: { code: 'MODEL_UNAVAILABLE' } }]);
  });
});

describe('a measurement', () => {
  test('tells cold from warm, and lengths apart', async () => {
    const world = worldWith();
    await new DeviceBench(world.parts).answer(measure);
    const cold = { runtimeMs: 300, openMs: 50, firstMs: 8 };
    expect(world.said).toEqual([
      ...variants.map((id) => ({
        type: 'measured',
        row: { backend: 'wasm', threads: 2, variant: id, ...cold, layerMs: [8, 32, 128], check: 'reference' },
        labels: undefined,
      })),
      { type: 'done' },
    ]);
    expect(world.open.size).toBe(0);
  });

  test('goes on where one of the weights cannot be opened, and says why', async () => {
    const first = manifest.variants[variant]?.layers[0];
    const world = worldWith({ failing: first ? [first] : [] });
    await new DeviceBench(world.parts).answer(measure);
    expect(world.said[0]).toMatchObject({ type: 'skipped', row: { variant, reason: 'The runtime cannot read it.' } });
    expect(world.said.filter(({ type }) => type === 'measured')).toHaveLength(variants.length - 1);
    expect(world.said.at(-1)).toEqual({ type: 'done' });
  });

  test('ends where the runtime is gone', async () => {
    const world = worldWith();
    const startRuntime = () => Promise.reject(new DimeeError('RUNTIME_LOST', 'It is gone.'));
    await new DeviceBench({ ...world.parts, startRuntime }).answer(measure);
    expect(world.said).toMatchObject([{ type: 'failed', error: { code: 'RUNTIME_LOST' } }]);
  });
});

describe('the check sentence', () => {
  const gpu: typeof measure = {
    ...measure,
    station: { backend: 'webgpu', threads: 1 },
    variants: [variant],
    isChecked: true,
  };
  const checked = async (labels: readonly (number | null)[] | undefined, layers = 2) => {
    const world = worldWith({ gpu: true });
    const expected = labels ? { [variant]: { layers, labels } } : {};
    await new DeviceBench(world.parts).answer({ ...gpu, expected });
    const [measured] = world.said;
    return { row: measured?.type === 'measured' ? measured.row : undefined, world };
  };

  // The fake's logits rise, so that the last class of each task wins.
  test.each([
    [[1, 2], 'same'],
    [[1, null], 'same'],
    [[0, 2], 'other'],
    [[1, 1], 'other'],
    [undefined, 'unchecked'],
  ])('expected to be %j is %s', async (labels, check) => {
    expect((await checked(labels)).row?.check).toBe(check);
  });

  test('goes through as many layers as WASM took it through', async () => {
    const { world } = await checked([1, 2], 3);
    const layers = world.fetched.filter((path) => path.includes('layer-'));
    // The first once more, to be measured.
    expect(layers.map((path) => path.replace(/.*layer-/, ''))).toEqual(['1.onnx', '1.onnx', '2.onnx', '3.onnx']);
    expect(world.open.size).toBe(0);
  });

  test('is answered by WASM after the layers that are here', async () => {
    const missing = manifest.variants[variant]?.layers.slice(4) ?? [];
    const world = worldWith({ missing, gpu: true });
    await new DeviceBench(world.parts).answer({ ...gpu, station: { backend: 'wasm', threads: 1 } });
    expect(world.said[0]).toMatchObject({ row: { check: 'reference' }, labels: { layers: 4, labels: [1, 2] } });
  });
});
