import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeWorker } from '../testing/fake-worker';
import type { RunRequest } from './open-runs';
import { WorkerTier } from './WorkerTier.svelte';

const LOAD = {
  manifestUrl: 'm',
  edges: [{ url: 'ws://edge/v1/tier' }],
  backend: 'auto',
  variant: 'auto',
  mobileLayers: 4,
} as const;

function requestOf(...texts: string[]): RunRequest {
  const samples = texts.map((text) => ({ sampleKey: text, texts: [text] as const, priorLogits: [] }));
  const plan = { mobileLayers: 4, edgeLayers: 8 };
  return { task: 'sst2', policy: { id: 'confidence', parameters: {} }, plan, payloadDtype: 'int8', samples };
}

function listener() {
  return { result: vi.fn(), failed: vi.fn(), finished: vi.fn() };
}

const lost = (during: 'start' | 'run', message = 'The GPU was lost.') =>
  ({ type: 'lost', error: { code: 'RUNTIME_LOST', message, retryable: true }, during }) as const;
const running = (backend: 'wasm' | 'webgpu', threads: number) =>
  ({ type: 'backend', backend, variant: 'fp16', threads, adapter: undefined, fallback: undefined }) as const;

/** A tier of which each worker is a new one, and what it says. */
function tierOfMany() {
  const workers: FakeWorker[] = [];
  const said: string[] = [];
  const start = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const tier = new WorkerTier({ start, say: (notice) => said.push(notice) });
  const latest = () => {
    const worker = workers.at(-1);
    if (!worker) throw new Error('There is no worker.');
    return worker;
  };
  return { tier, workers, said, latest };
}

function tierWith() {
  const worker = new FakeWorker();
  return { worker, tier: new WorkerTier({ start: () => worker }) };
}

describe('the page’s handle on the worker', () => {
  it('tells whoever wants to know of every message, in both directions', () => {
    const worker = new FakeWorker();
    const heard: string[] = [];
    const tier = new WorkerTier({ start: () => worker, trace: (from, { type }) => heard.push(`${from} ${type}`) });
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

  it('is broken where the worker says so, until it is loaded anew or its layers come after all', () => {
    const { tier, worker } = tierWith();
    tier.load(LOAD);
    const broken = {
      type: 'broken',
      error: { code: 'MODEL_UNAVAILABLE', message: 'No file.', retryable: true },
    } as const;
    worker.tell(broken);
    expect(tier.broken?.message).toBe('No file.');
    tier.load(LOAD);
    expect(tier.broken).toBeUndefined();
    worker.tell(broken);
    worker.tell({ type: 'ready', layers: 4 });
    expect(tier.broken).toBeUndefined();
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
    worker.tell({ type: 'edge', status: { state: 'down', reason: 'no line' }, open: 0, of: 1, wantToken: [] });
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

describe('a worker that ends', () => {
  afterEach(() => void vi.useRealTimers());

  it('is replaced, and what had no answer is sent again, nothing twice', () => {
    const { tier, workers, said, latest } = tierOfMany();
    const heard = listener();
    tier.load(LOAD);
    tier.run(requestOf('a', 'b', 'c'), heard);
    const [first] = workers;
    first?.answer(9, first.run.samples.slice(0, 1));
    first?.tell(lost('run'));
    expect(first?.isTerminated).toBe(true);
    expect(latest().asked.map(({ type }) => type)).toEqual(['load', 'run']);
    expect(latest().run.samples.map(({ sampleKey }) => sampleKey)).toEqual(['b', 'c']);
    first?.answer(9);
    latest().answer(9);
    latest().answer(9);
    latest().finish();
    expect(heard.result.mock.calls.map(([{ sampleKey }]) => sampleKey)).toEqual(['a', 'b', 'c']);
    expect(heard.failed).not.toHaveBeenCalled();
    expect(heard.finished).toHaveBeenCalledOnce();
    expect(said).toEqual(['The GPU was lost. It was made anew, and what had no answer was sent again.']);
  });

  it('is given up where there is no edge to stand in for it', () => {
    const { tier, said, latest } = tierOfMany();
    tier.load({ ...LOAD, edges: [] });
    expect(tier.edge.state).toBe('none');
    for (const backend of [running('wasm', 1), running('wasm', 1)]) {
      latest().tell(backend);
      latest().tell(lost('run'));
    }
    expect(said).toEqual(['The GPU was lost. It was made anew, and what had no answer was sent again.']);
    expect(tier.broken?.message).toBe('The GPU was lost.');
  });

  it('is trusted with less each time that nothing was answered in between, down to the edge alone', () => {
    const { tier, said, latest } = tierOfMany();
    const heard = listener();
    tier.load(LOAD);
    tier.run(requestOf('a'), heard);
    for (const backend of [running('webgpu', 3), running('webgpu', 3), running('wasm', 3), running('wasm', 1)]) {
      latest().tell(backend);
      latest().tell(lost('run'));
    }
    const loads = latest().asked.filter(({ type }) => type === 'load');
    expect(loads).toMatchObject([{ backend: 'wasm', variant: 'fp16', threads: 1, edgeAlone: 'The GPU was lost.' }]);
    expect(said.map((notice) => notice.replace('The GPU was lost. ', ''))).toEqual([
      'It was made anew, and what had no answer was sent again.',
      'The layers run on WASM now.',
      'The layers run on one thread now.',
      'The edge takes the texts now.',
    ]);
    expect(latest().run.samples).toHaveLength(1);
    latest().tell(lost('run'));
    expect(tier.broken?.message).toBe('The GPU was lost.');
    tier.retry();
    expect(latest().asked).toMatchObject([
      { type: 'load', backend: 'auto', variant: 'auto', threads: undefined, edgeAlone: undefined },
      { type: 'run' },
    ]);
    latest().answer(9);
    latest().finish();
    expect([heard.result.mock.calls.length, heard.failed.mock.calls.length]).toEqual([1, 0]);
  });

  it('goes on as it was where answers came in between', () => {
    const { tier, said, latest } = tierOfMany();
    tier.load(LOAD);
    tier.run(requestOf('a', 'b', 'c'), listener());
    for (let loss = 0; loss < 2; loss++) {
      latest().tell(running('wasm', 3));
      latest().answer(9, latest().run.samples.slice(0, 1));
      latest().tell(lost('run'));
    }
    expect(new Set(said).size).toBe(1);
    expect(latest().asked[0]).toMatchObject({ backend: 'auto', threads: undefined });
  });

  it('never starts with threads: one is taken at once, and another device is tried in full again', () => {
    const { tier, said, latest } = tierOfMany();
    tier.load(LOAD);
    latest().tell(running('wasm', 3));
    latest().tell(lost('start', 'The runtime did not start.'));
    expect(said).toEqual(['The runtime did not start. The layers run on one thread now.']);
    expect(latest().asked).toMatchObject([{ type: 'load', threads: 1 }]);
    tier.load({ ...LOAD, variant: 'q8' });
    expect(latest().asked.at(-1)).toMatchObject({ threads: undefined });
  });

  it('in silence is noticed while a run is on, and not while nobody waits', () => {
    vi.useFakeTimers();
    const { tier, workers, latest } = tierOfMany();
    tier.load(LOAD);
    latest().tell({ type: 'ready', layers: 4 });
    vi.advanceTimersByTime(1e6);
    expect(workers).toHaveLength(1);
    tier.run(requestOf('a'), listener());
    vi.advanceTimersByTime(20_000);
    expect(workers).toHaveLength(1);
    latest().tell({ type: 'alive' });
    vi.advanceTimersByTime(20_000);
    expect(workers).toHaveLength(1);
    vi.advanceTimersByTime(2000);
    expect(workers).toHaveLength(2);
    expect(latest().run.samples).toHaveLength(1);
  });

  it('with an error is noticed at once; one that never started says so and keeps its runs', () => {
    const { tier, workers, latest } = tierOfMany();
    const heard = listener();
    tier.load(LOAD);
    tier.run(requestOf('a'), heard);
    latest().onerror?.({ message: '' } as ErrorEvent);
    expect(workers).toHaveLength(1);
    expect(tier.broken).toMatchObject({ code: 'INTERNAL', message: 'The worker could not be started.' });
    tier.retry();
    latest().tell({ type: 'ready', layers: 4 });
    latest().onerror?.({ message: 'Out of memory.' } as ErrorEvent);
    expect(workers).toHaveLength(3);
    latest().answer(9);
    expect(heard.result).toHaveBeenCalledOnce();
  });

  it('does not keep a run from being stopped', () => {
    vi.useFakeTimers();
    const { tier, latest } = tierOfMany();
    const heard = listener();
    tier.load(LOAD);
    tier.run(requestOf('a'), heard).stop();
    expect(heard.finished).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(heard.finished).toHaveBeenCalledWith({ type: 'finished', runId: 1, stopped: true });
    latest().answer(9);
    latest().finish();
    expect([heard.result.mock.calls.length, heard.finished.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('edges', () => {
  const [one, two] = ['wss://one.example/v1/tier', 'wss://two.example/v1/tier'];
  const open = { state: 'open', tier: 'edge', roundTripMs: 5 } as const;

  it('are counted, and those that want a token named: refused where they were shown another', () => {
    const worker = new FakeWorker();
    const tier = new WorkerTier({ start: () => worker });
    tier.load({ ...LOAD, edges: [{ url: one }, { url: two, token: 'an old one' }] });
    expect([tier.edgesConnected, tier.edgeUrls]).toEqual([{ open: 0, of: 2 }, [one, two]]);
    worker.tell({ type: 'edge', status: open, open: 1, of: 3, wantToken: [one, two] });
    expect(tier.edge).toEqual(open);
    expect(tier.edgesConnected).toMatchObject({ open: 1, of: 3 });
    expect(tier.tokensWanted).toEqual([
      { url: one, isRefused: false },
      { url: two, isRefused: true },
    ]);
    worker.tell({ type: 'edge', status: open, open: 3, of: 3, wantToken: [] });
    expect(tier.tokensWanted).toEqual([]);
  });
});
