import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { Lazy } from '../lazy';
import { fakeManifest } from '../testing/fake-manifest';
import { gate } from '../testing/gate';
import type { ModelFile } from './manifest';
import { OnnxLayers, type Session } from './onnx-layers';

const manifest = fakeManifest();
const { hidden, classes } = manifest;
const blank = (tokens: number) => ({ tokens, hidden, data: new Float32Array(tokens * hidden) });

/** A runtime whose sessions add one to every number, and whose files come when a test lets them. */
function fakeParts({ beforeFile = undefined as ((path: string) => unknown) | undefined, hiddenOut = hidden } = {}) {
  const fetched: string[] = [];
  const opened: string[] = [];
  const released: string[] = [];
  const breaths: number[] = [];
  const runs: string[] = [];
  let clockMs = 0;
  const fetchFile = async ({ path }: ModelFile) => {
    fetched.push(path);
    await beforeFile?.(path);
    return new TextEncoder().encode(path);
  };
  const runtime = new OnnxLayers({
    manifest,
    variant: 'q8',
    tokenizer: new Lazy(async () => {
      await fetchFile(manifest.tokenizer);
      const length = manifest.maxTokens;
      return () => ({ inputIds: new Int32Array(length), tokenTypeIds: new Int32Array(length), readings: [] });
    }),
    fetchFile,
    openSession: (graph, part) => {
      const path = new TextDecoder().decode(graph);
      opened.push(`${path} ${part}`);
      return Promise.resolve(fakeSession(path, hiddenOut, runs, released));
    },
    warmUpLengths: [16, 14, 15],
    breathe: () => Promise.resolve(void breaths.push(clockMs)),
    now: () => (clockMs += 100),
  });
  return { runtime, fetched, opened, runs, released, breaths };
}

function fakeSession(path: string, hiddenOut: number, runs: string[], released: string[]): Session {
  return {
    run: ({ hidden_state: state }, tokens) => {
      runs.push(path);
      const next = new Float32Array(tokens * hiddenOut).map((_, index) => (state?.[index] ?? 0) + 1);
      const outputs = state ? { next_hidden_state: next, logits: new Float32Array(classes) } : { hidden_state: next };
      return Promise.resolve({ outputs: outputs as Record<string, Float32Array>, computeMs: 30 });
    },
    release: () => Promise.resolve(void released.push(path)),
  };
}

describe('OnnxLayers', () => {
  test('prepares what the mobile layers need, what is needed first in front, and nothing twice', async () => {
    const { runtime, fetched, opened } = fakeParts();
    await runtime.prepare(toLayer(2));
    expect(fetched).toEqual(['tokenizer.json', 'q8/embeddings.onnx', 'q8/layer-1.onnx', 'q8/layer-2.onnx']);
    await runtime.prepare(toLayer(3));
    expect(fetched.slice(4)).toEqual(['q8/layer-3.onnx']);
    expect(opened).toHaveLength(4);
  });

  test('is ready for as many layers as are here with all that goes with them', async () => {
    const { runtime } = fakeParts();
    await runtime.runLayer(toLayer(1), blank(1));
    expect(runtime.isReady(toLayer(1))).toBe(false);
    await runtime.prepare(toLayer(2));
    expect([1, 2, 3].map((layer) => runtime.isReady(toLayer(layer)))).toEqual([true, true, false]);
  });

  test('fetches a deeper layer when it is first run', async () => {
    const { runtime, fetched } = fakeParts();
    const { state, logits } = await runtime.runLayer(toLayer(9), blank(3));
    await runtime.runLayer(toLayer(9), state);
    expect(fetched).toEqual(['q8/layer-9.onnx']);
    expect(state).toEqual({ tokens: 3, hidden, data: new Float32Array(3 * hidden).fill(1) });
    expect(logits).toHaveLength(classes);
  });

  test('runs the first layers while later ones are still on their way', async () => {
    const { opened: arrival, open } = gate();
    const { runtime } = fakeParts({ beforeFile: (path) => (path.includes('layer-2') ? arrival : undefined) });
    const preparing = runtime.prepare(toLayer(2));
    const { state } = await runtime.runLayer(toLayer(1), await runtime.embed(await runtime.tokenize(['a'])));
    expect(state.tokens).toBe(manifest.maxTokens);
    open();
    await preparing;
  });

  test('says which sessions are layers, and how many are open', async () => {
    const { runtime, opened } = fakeParts();
    expect(runtime.layersLoaded).toBe(0);
    await runtime.prepare(toLayer(1));
    expect(opened).toEqual(['q8/embeddings.onnx embeddings', 'q8/layer-1.onnx layer']);
    expect(runtime.layersLoaded).toBe(1);
  });

  test('is made warm before a sample comes, once, and in nobody’s time', async () => {
    const { runtime, runs } = fakeParts();
    await runtime.prepare(toLayer(2));
    await runtime.prepare(toLayer(3));
    expect(runs).toEqual(['q8/layer-1.onnx', 'q8/layer-1.onnx', 'q8/layer-1.onnx']);
    expect(runtime.waitedMs).toBe(0);
  });

  test('tries a file again that could not be fetched', async () => {
    const failures = [new Error('offline')];
    const { runtime, fetched } = fakeParts({
      beforeFile: () => {
        const failure = failures.pop();
        if (failure) throw failure;
      },
    });
    await expect(runtime.runLayer(toLayer(5), blank(1))).rejects.toThrow('offline');
    await runtime.runLayer(toLayer(5), blank(1));
    expect(fetched).toEqual(['q8/layer-5.onnx', 'q8/layer-5.onnx']);
  });

  test('counts as waiting all of a call but its computing', async () => {
    const { runtime } = fakeParts();
    await runtime.runLayer(toLayer(1), blank(1));
    // The clock goes on by 100 ms at each look, from the call to the answer; 30 of them are computing.
    expect(runtime.waitedMs).toBe(70);
    await runtime.tokenize(['a']);
    expect(runtime.waitedMs).toBe(170);
  });

  test('lets the world be heard after each computation', async () => {
    const { runtime, breaths } = fakeParts();
    await runtime.runLayer(toLayer(2), (await runtime.runLayer(toLayer(1), blank(1))).state);
    expect(breaths).toHaveLength(2);
  });

  test('refuses a layer the model has not, and a file that is another model’s', async () => {
    await expect(fakeParts().runtime.runLayer(toLayer(13), blank(1))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const narrow = fakeParts({ hiddenOut: hidden - 1 }).runtime;
    await expect(narrow.runLayer(toLayer(1), blank(2))).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });

  test('frees the sessions it made, and those only', async () => {
    const { runtime, released } = fakeParts();
    await runtime.prepare(toLayer(1));
    await runtime.dispose();
    expect(released).toEqual(['q8/embeddings.onnx', 'q8/layer-1.onnx']);
  });
});
