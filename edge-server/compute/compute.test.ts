import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { HiddenState } from '../../core/hidden-state';
import { toLayer } from '../../core/layers';
import { lastOf } from '../../core/numbers/at';
import { parseStateCodec } from '../../core/payload/state-codec';
import { encodeHiddenState } from '../../core/payload/payload';
import { nobody } from '../../core/scheduling/asker';
import { fakeCodecFile } from '../../core/testing/fake-codecs';
import { DEFAULT_MODEL_FOLDER } from '../configuration';
import { ModelFolder } from '../model-folder';
import { OnnxRuntimes } from '../runtimes';
import { Compute, type ComputeOptions } from './compute';
import type { BatchReport } from './pool';
import { Thread } from './thread';

const TINY = fileURLToPath(new URL('../../core/testing/models/tiny-topics', import.meta.url));
const model = await ModelFolder.open(TINY);
const { manifest } = model;
const alone = new OnnxRuntimes(model, { threads: 1 }).of('fp16');
const open: Compute[] = [];

afterEach(() => Promise.all(open.splice(0).map((compute) => compute.close())));

function computeOf(options: Partial<ComputeOptions> = {}, folder = model): Compute {
  const compute = new Compute(folder, { threads: 1, workers: 2, ...options });
  open.push(compute);
  return compute;
}

const bits = (numbers: Float32Array) => [...new Int32Array(new Float32Array(numbers).buffer)];
const stateOf = (tokens: number, scale = 1, hidden = manifest.hidden): HiddenState => ({
  ...{ tokens, hidden },
  data: Float32Array.from({ length: tokens * hidden }, (_, index) => scale * Math.sin(index + tokens)),
});

describe('Compute', () => {
  test('gives a text the numbers that it has on one thread, bit for bit', async () => {
    const pooled = computeOf().of('fp16');
    for (const texts of [['Rain fell on the coast.'], ['The bank raised its prices.']] as const) {
      const tokens = await pooled.tokenize(texts);
      expect(tokens).toEqual(await alone.tokenize(texts));
      let [state, expected] = [await pooled.embed(tokens), await alone.embed(tokens)];
      for (let layer = 1; layer <= manifest.layers; layer++) {
        const [output, own] = [
          await pooled.runLayer(toLayer(layer), state),
          await alone.runLayer(toLayer(layer), expected),
        ];
        [state, expected] = [output.state, own.state];
        expect(bits(output.logits)).toEqual(bits(own.logits));
        expect(bits(state.data)).toEqual(bits(expected.data));
        expect(output.computeMs).toBeGreaterThan(0);
      }
    }
  });

  test('gives a row the same bits in any batch, beside any padding and any companion', async () => {
    const shipped = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
    const { hidden } = shipped.manifest;
    const rowOf = (tokens: number, scale = 1) => stateOf(tokens, scale, hidden);
    const reports: BatchReport[] = [];
    const compute = computeOf({ workers: 1 }, shipped);
    compute.watch((report) => reports.push(report));
    const pooled = compute.of('fp16');
    const { logits, state } = await pooled.runLayer(toLayer(5), rowOf(20));
    for (const companions of [
      [rowOf(20, 3)],
      [rowOf(20, 1e30), rowOf(19)],
      Array.from({ length: 15 }, () => rowOf(21)),
    ]) {
      const all = await Promise.all([rowOf(20), ...companions].map((each) => pooled.runLayer(toLayer(5), each)));
      const [own] = all;
      expect(bits(own?.logits ?? logits.slice(1))).toEqual(bits(logits));
      expect(bits(own?.state.data ?? logits)).toEqual(bits(state.data));
    }
    expect(reports.map(({ rows }) => rows)).toEqual([1, 2, 3, 16]);
    expect(reports.at(-1)).toMatchObject({
      tokens: 335,
      paddedTokens: 336,
      parts: [{ kind: 'layer', variant: 'fp16', layer: 5 }],
    });
  });

  test('computes each sample alone where batches may have one token', async () => {
    const reports: BatchReport[] = [];
    const compute = computeOf({ batchTokens: 1 });
    compute.watch((report) => reports.push(report));
    const pooled = compute.of('fp16');
    await Promise.all([1, 2, 3].map(() => pooled.runLayer(toLayer(1), stateOf(4))));
    expect(reports.map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  test('does not change the state it is given', async () => {
    const state = stateOf(5);
    await computeOf().of('fp16').runLayer(toLayer(1), state);
    expect(state).toEqual(stateOf(5));
  });

  test('opens all of a variant in every worker, and says what computes', async () => {
    const compute = computeOf();
    expect([compute.layersLoaded, compute.runtimeName]).toEqual([{}, undefined]);
    await compute.prepare('fp16');
    expect([compute.layersLoaded, compute.runtimeName]).toEqual([{ fp16: manifest.layers }, 'native']);
    expect(compute.status).toEqual({ workers: 2, busy: 0, waiting: 0, waitingTokens: 0 });
  });

  test('computes in WASM, too', async () => {
    const compute = computeOf({ workers: 1, runtime: 'wasm' });
    const [{ logits }, own] = await Promise.all([
      compute.of('fp16').runLayer(toLayer(1), stateOf(6)),
      alone.runLayer(toLayer(1), stateOf(6)),
    ]);
    logits.forEach((logit, index) => expect(logit).toBeCloseTo(own.logits[index] ?? Number.NaN, 3));
    expect(compute.runtimeName).toBe('wasm');
  });

  test('has no layer beyond the last, and no variant that the manifest does not list', async () => {
    const compute = computeOf();
    expect(() => compute.of('q2')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    const beyond = compute.of('fp16').runLayer(toLayer(manifest.layers + 1), stateOf(2));
    await expect(beyond).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('says what is wrong with a file, and goes on once it is whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dimee-compute-'));
    try {
      await cp(TINY, folder, { recursive: true });
      const path = join(folder, manifest.variants.fp16?.layers[0]?.path ?? '');
      await writeFile(path, 'junk');
      const pooled = computeOf({ workers: 1 }, await ModelFolder.open(folder)).of('fp16');
      await expect(pooled.runLayer(toLayer(1), stateOf(2))).rejects.toMatchObject({ code: 'MODEL_FILE_DAMAGED' });
      await cp(join(TINY, manifest.variants.fp16?.layers[0]?.path ?? ''), path);
      expect((await pooled.runLayer(toLayer(1), stateOf(2))).logits).toHaveLength(manifest.classes);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('goes on with another worker where one has ended, without losing what it computed', async () => {
    const threads: Thread[] = [];
    const said: string[] = [];
    const compute = computeOf({
      workers: 1,
      say: (sentence) => said.push(sentence),
      startWorker: (options) => {
        threads.push(new Thread(options));
        return lastOf(threads);
      },
    });
    const pooled = compute.of('fp16');
    await compute.prepare('fp16');
    const asked = Array.from({ length: 50 }, (_, index) => pooled.runLayer(toLayer(1), stateOf(1 + (index % 9))));
    await threads[0]?.end();
    for (const [index, { state }] of (await Promise.all(asked)).entries()) expect(state.tokens).toBe(1 + (index % 9));
    expect([threads.length, said]).toEqual([2, ['A worker ended by itself. Another takes its place.']]);
  });
});

describe('Coded payloads', () => {
  const entry = { layer: toLayer(1), codewords: 2, levels: 2, classes: 3 };
  const file = { path: 'codec.bin', bytes: 1, sha256: 'ab'.repeat(32) };
  const codec = parseStateCodec(fakeCodecFile(entry, manifest.hidden), { ...entry, file }, manifest.hidden);
  const budgeted = { ...codec, bytesPerToken: 20 };
  const state = stateOf(9, 0.5);

  test('are written and read by a worker as on this thread', async () => {
    const { coder } = computeOf({ workers: 1 });
    const payload = await coder.write(state, budgeted, nobody());
    expect(payload).toEqual(encodeHiddenState(state, budgeted));
    const read = await coder.read({ payload, dtype: codec, tokens: 9, hidden: manifest.hidden }, nobody());
    expect(encodeHiddenState(read, 'float32')).toHaveLength(9 * manifest.hidden * 4);
  });

  test('that cannot be read are BAD_FRAME, and those of no sample of this model BAD_INPUT', async () => {
    const { coder } = computeOf({ workers: 1 });
    const payload = encodeHiddenState(state, budgeted).subarray(2);
    const read = (tokens: number) =>
      Promise.resolve(coder.read({ payload, dtype: codec, tokens, hidden: manifest.hidden }, nobody()));
    await expect(read(9)).rejects.toMatchObject({ code: 'BAD_FRAME' });
    await expect(read(manifest.maxTokens + 1)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('plain ones are at once', () => {
    const { coder } = computeOf();
    const payload = coder.write(state, 'int8', nobody());
    if (payload instanceof Promise) throw new Error('It takes its turn.');
    const read = coder.read({ payload, dtype: 'int8', tokens: 9, hidden: manifest.hidden }, nobody());
    expect(read).not.toBeInstanceOf(Promise);
  });
});
