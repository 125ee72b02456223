import { describe, expect, it, vi } from 'vitest';
import { FakeWorker } from '../testing/fake-worker';
import { type RunRequest, WorkerTier } from './WorkerTier.svelte';

const LOAD = { manifestUrl: 'm', edgeUrl: undefined, backend: 'auto', variant: 'auto', mobileLayers: 4 } as const;

function requestOf(...texts: string[]): RunRequest {
  const samples = texts.map((text) => ({ sampleKey: text, texts: [text] as const, priorLogits: [] }));
  const plan = { mobileLayers: 4, edgeLayers: 8 };
  return { task: 'sst2', policy: { id: 'confidence', parameters: {} }, plan, payloadDtype: 'int8', samples };
}

function listener() {
  return { result: vi.fn(), failed: vi.fn(), finished: vi.fn() };
}

function tierWith() {
  const worker = new FakeWorker();
  return { worker, tier: new WorkerTier(worker) };
}

describe('the page’s handle on the worker', () => {
  it('tells whoever wants to know of every message, in both directions', () => {
    const worker = new FakeWorker();
    const heard: string[] = [];
    const tier = new WorkerTier(worker, (from, { type }) => heard.push(`${from} ${type}`));
    tier.load(LOAD);
    worker.tell({ type: 'ready', layers: 4 });
    expect(heard).toEqual(['page load', 'worker ready']);
  });

  it('is ready once the layers are there that it asked for, and not for another device', () => {
    const { tier, worker } = tierWith();
    tier.load(LOAD);
    expect(worker.asked).toEqual([{ type: 'load', ...LOAD }]);
    expect(tier.isReady).toBe(false);
    worker.tell({ type: 'ready', layers: 4 });
    expect([tier.isReady, tier.layersReady]).toEqual([true, 4]);
    tier.load({ ...LOAD, mobileLayers: 6 });
    expect(tier.isReady).toBe(false);
    worker.tell({ type: 'ready', layers: 6 });
    tier.load({ ...LOAD, variant: 'q8' });
    expect([tier.isReady, tier.layersReady]).toEqual([false, 0]);
  });

  it('fetches deeper layers ahead, unless they are there', () => {
    const { tier, worker } = tierWith();
    tier.load(LOAD);
    tier.loadAhead(12);
    expect(worker.asked.at(-1)).toEqual({ type: 'load', ...LOAD, mobileLayers: 12 });
    worker.tell({ type: 'ready', layers: 12 });
    tier.loadAhead(12);
    expect(worker.asked).toHaveLength(2);
  });

  it('tells each listener of its own run, until that is finished', () => {
    const { tier, worker } = tierWith();
    const [one, other] = [listener(), listener()];
    tier.run(requestOf('a'), one);
    tier.run(requestOf('b'), other);
    const [first, second] = worker.runs;
    expect(first?.runId).not.toBe(second?.runId);
    worker.answer(9);
    expect([one.result.mock.calls.length, other.result.mock.calls.length]).toEqual([0, 1]);
    worker.finish();
    worker.answer(9);
    expect([other.result.mock.calls.length, other.finished.mock.calls.length]).toEqual([1, 1]);
    const error = { code: 'INTERNAL' as const, message: 'No.', retryable: false };
    worker.tell({ type: 'failed', runId: first?.runId ?? 0, sampleKey: 'a', error });
    expect(one.failed).toHaveBeenCalledOnce();
  });

  it('stops the run whose handle says so', () => {
    const { tier, worker } = tierWith();
    const run = tier.run(requestOf('a'), listener());
    const { runId } = worker.run;
    tier.run(requestOf('b'), listener());
    run.stop();
    expect(worker.asked.at(-1)).toEqual({ type: 'stop', runId });
  });

  it('is broken where the worker says so, or dies, until it is loaded anew', () => {
    const { tier, worker } = tierWith();
    tier.load(LOAD);
    worker.tell({ type: 'broken', error: { code: 'MODEL_UNAVAILABLE', message: 'No file.', retryable: true } });
    expect(tier.broken?.message).toBe('No file.');
    tier.load(LOAD);
    expect(tier.broken).toBeUndefined();
    worker.onerror?.({ message: '' } as ErrorEvent);
    expect(tier.broken).toMatchObject({ code: 'INTERNAL', message: 'The worker could not be started.' });
  });

  it('is not broken where layers fetched ahead fail to come', () => {
    const { tier, worker } = tierWith();
    tier.load(LOAD);
    worker.tell({ type: 'ready', layers: 4 });
    worker.tell({ type: 'broken', error: { code: 'MODEL_UNAVAILABLE', message: 'No file.', retryable: true } });
    expect(tier.broken).toBeUndefined();
  });

  it('keeps what the worker says of itself', () => {
    const { tier, worker } = tierWith();
    const backend = { type: 'backend', backend: 'wasm', variant: 'q8', threads: 2 } as const;
    worker.tell({ ...backend, adapter: undefined, fallback: 'There is no adapter.' });
    worker.tell({ type: 'progress', loadedBytes: 5, totalBytes: 9, cachedBytes: 0 });
    worker.tell({ type: 'edge', status: { state: 'down', reason: 'no line' } });
    worker.tell({ type: 'repaired', path: 'a.onnx' });
    worker.tell({ type: 'repaired', path: 'b.onnx' });
    expect(tier).toMatchObject({
      backend: { threads: 2, fallback: 'There is no adapter.' },
      progress: { loadedBytes: 5 },
      edge: { state: 'down' },
      repaired: ['a.onnx', 'b.onnx'],
    });
  });
});
