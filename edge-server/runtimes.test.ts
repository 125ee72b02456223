import { mean } from 'd3-array';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import { argmax } from '../core/exits';
import { taskLogits, taskOf } from '../core/model/manifest';
import type { Texts } from '../core/model/tokens';
import { DEFAULT_MODEL_FOLDER } from './configuration';
import type { OnnxLayers } from '../core/model/onnx-layers';
import { OnnxRuntimes } from './runtimes';
import { ModelFolder } from './model-folder';
import { readParity } from './testing/parity';

const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
const { manifest } = model;
const runtimes = new OnnxRuntimes(model, { threads: 1 });
const inWasm = new OnnxRuntimes(model, { threads: 1, runtime: 'wasm' });
const parity = await readParity();

async function logitsOfAllLayers(runtime: OnnxLayers, taskId: string, texts: Texts): Promise<number[][]> {
  const task = taskOf(manifest, taskId);
  let state = await runtime.embed(await runtime.tokenize(texts));
  const all: number[][] = [];
  for (let layer = 1; layer <= manifest.layers; layer++) {
    const output = await runtime.runLayer(toLayer(layer), state);
    state = output.state;
    all.push(taskLogits(task, output.logits));
  }
  return all;
}

describe('the layers of the model', () => {
  test.each(Object.keys(parity.tolerance))('%s gives the logits of the original at every layer', async (variant) => {
    for (const { task, texts, logits: expected } of parity.samples) {
      const logits = await logitsOfAllLayers(runtimes.of(variant), task, texts);
      const differences = logits.flat().map((logit, index) => Math.abs(logit - (expected.flat()[index] ?? Number.NaN)));
      expect(Math.max(...differences), texts.join(' / ')).toBeLessThanOrEqual(parity.tolerance[variant] ?? 0);
    }
  });

  test('in WASM gives them, too', async () => {
    const [{ task, texts, logits: expected } = { task: '', texts: [''] as const, logits: [] }] = parity.samples;
    const logits = await logitsOfAllLayers(inWasm.of('fp16'), task, texts);
    const differences = logits.flat().map((logit, index) => Math.abs(logit - (expected.flat()[index] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(parity.tolerance.fp16 ?? 0);
    expect([runtimes.runtimeName, inWasm.runtimeName]).toEqual(['native', 'wasm']);
  });

  test.each([
    ['native', runtimes, parity.samples],
    ['in WASM', inWasm, parity.samples.filter((_, index) => index % 7 === 0)],
  ])('q8 %s is near the original, and names its class at the last layer wherever that is not close', async (...its) => {
    const [, onnx, samples] = its;
    for (const { task, texts, logits } of samples) {
      const found = await logitsOfAllLayers(onnx.of('q8'), task, texts);
      const differences = found.flat().map((logit, index) => Math.abs(logit - (logits.flat()[index] ?? Number.NaN)));
      // Measured: 0.02 on the mean of all sentences, 0.07 at most.
      expect(mean(differences), texts.join(' / ')).toBeLessThan(0.15);
      const expected = logits.at(-1) ?? [];
      const [first = 0, second = 0] = expected.toSorted((a, b) => b - a);
      if (first - second >= 0.5) expect(argmax(found.at(-1) ?? []), texts.join(' / ')).toBe(argmax(expected));
    }
  });

  test('knows how many layers it has loaded, and has no layer beyond the last', async () => {
    const runtime = new OnnxRuntimes(model, { threads: 1 }).of('q8');
    const state = await runtime.embed({
      inputIds: Int32Array.of(101, 102),
      tokenTypeIds: new Int32Array(2),
      readings: [],
    });
    expect(runtime.layersLoaded).toBe(0);
    await Promise.all([runtime.runLayer(toLayer(3), state), runtime.runLayer(toLayer(3), state)]);
    expect(runtime.layersLoaded).toBe(1);
    await expect(runtime.runLayer(toLayer(manifest.layers + 1), state)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('does not change the state it is given', async () => {
    const data = new Float32Array(2 * manifest.hidden).fill(0.5);
    await runtimes.of('q8').runLayer(toLayer(1), { tokens: 2, hidden: manifest.hidden, data });
    expect(data.every((x) => x === 0.5)).toBe(true);
  });

  test('has no variant that the manifest does not list', () => {
    expect(() => runtimes.of('q2')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('a model folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dimee-model-'));
  afterAll(() => rm(folder, { recursive: true }));

  test('without a manifest is MODEL_UNAVAILABLE', async () => {
    await expect(ModelFolder.open(folder)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });

  test('with another file than the manifest lists is MODEL_FILE_DAMAGED, until the file is whole again', async () => {
    const { path } = manifest.variants.q8?.layers[0] ?? { path: '' };
    const state = { tokens: 2, hidden: manifest.hidden, data: new Float32Array(2 * manifest.hidden) };
    await cp(join(DEFAULT_MODEL_FOLDER, 'manifest.json'), join(folder, 'manifest.json'));
    const runtime = new OnnxRuntimes(await ModelFolder.open(folder), { threads: 1 }).of('q8');
    await expect(runtime.runLayer(toLayer(1), state)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    await cp(join(DEFAULT_MODEL_FOLDER, path), join(folder, path));
    await writeFile(join(folder, path), 'junk');
    await expect(runtime.runLayer(toLayer(1), state)).rejects.toMatchObject({ code: 'MODEL_FILE_DAMAGED' });
    await cp(join(DEFAULT_MODEL_FOLDER, path), join(folder, path));
    expect((await runtime.runLayer(toLayer(1), state)).logits).toHaveLength(manifest.classes);
  });
});
