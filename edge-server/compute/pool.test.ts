import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { DimeeError } from '../../core/errors';
import type { Asker } from '../../core/scheduling/asker';
import { nobody } from '../../core/scheduling/asker';
import { gate } from '../../core/testing/gate';
import type { ComputeWorker, Done, JobKind, Jobs, Part } from './jobs';
import { type BatchReport, Pool, type PoolOptions, type Task } from './pool';

const FILE = new Uint8Array(4);
const LAYER: Part = { kind: 'embeddings', variant: 'q8' };
const pools: Pool[] = [];

afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

/** A worker without a thread. What it does ends when the test says so. */
class FakeWorker implements ComputeWorker {
  readonly opened: Part[] = [];
  interruptions = 0;
  readonly jobs: { readonly finish: () => void; readonly lose: () => void }[] = [];
  readonly #end = gate();
  readonly ended = this.#end.opened;

  async do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>> {
    if (kind === 'open') {
      this.opened.push((asked as Jobs['open']['asked']).part);
      return { answer: { runtime: 'native', fallback: undefined }, computeMs: 0 } as Done<Kind>;
    }
    return new Promise((resolve, reject) => {
      this.jobs.push({
        finish: () => resolve({ answer: undefined, computeMs: 5 } as unknown as Done<Kind>),
        lose: () => {
          reject(new DimeeError('RUNTIME_LOST', 'It ended.', { retryable: true }));
          this.#end.open();
        },
      });
    });
  }

  interrupt(): void {
    this.interruptions++;
  }

  close(): Promise<void> {
    this.#end.open();
    return Promise.resolve();
  }
}

function poolOf(options: Partial<PoolOptions> = {}) {
  const workers: FakeWorker[] = [];
  const reports: BatchReport[] = [];
  const pool = new Pool({
    workers: 1,
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    fileOf: () => Promise.resolve(FILE),
    bounds: { tokens: 384, padding: 1.15 },
    onBatch: (report) => reports.push(report),
    now: () => performance.now(),
    ...options,
  });
  pools.push(pool);
  const results: string[] = [];
  const ask = (name: string, wish: Partial<Task> = {}): Promise<string> =>
    new Promise((resolve, fail) => {
      const task: Task = {
        ...{ kind: 'layer', tokens: 20, part: LAYER, asker: nobody(), ...wish },
        perform: (worker) => worker.do('tokenize', { texts: [name] }),
        deliver: () => {
          results.push(name);
          resolve(name);
        },
        fail,
      };
      pool.add(task);
    });
  /** The jobs that run, of all workers. */
  const running = (count: number) => expect.poll(() => workers.flatMap(({ jobs }) => jobs)).toHaveLength(count);
  return { pool, workers, reports, results, ask, running };
}

describe('A pool', () => {
  test('starts no worker before there is work', async () => {
    const { pool, workers, ask, running } = poolOf({ workers: 2 });
    expect([workers.length, pool.status.workers]).toEqual([0, 0]);
    const asked = ask('a');
    expect(workers).toHaveLength(2);
    await running(1);
    workers.flatMap(({ jobs }) => jobs)[0]?.finish();
    expect(await asked).toBe('a');
  });

  test('takes what came in the same turn as one batch, and tells of it', async () => {
    const { workers, reports, ask, running } = poolOf();
    const shares: number[] = [];
    const asker = (): Asker => ({ ...nobody(), onComputed: (ms) => void shares.push(ms) });
    const asked = [ask('a', { asker: asker() }), ask('b', { tokens: 21, asker: asker() }), ask('c', { kind: 'other' })];
    await running(1);
    workers[0]?.jobs[0]?.finish();
    expect(await Promise.all(asked.slice(0, 2))).toEqual(['a', 'b']);
    expect(reports).toEqual([{ parts: [LAYER], rows: 2, tokens: 41, paddedTokens: 42 }]);
    expect(shares).toEqual([(5 * 20) / 41, (5 * 21) / 41]);
    await running(2);
    workers[0]?.jobs[1]?.finish();
    await asked[2];
  });

  test('gives work to whoever is free, and knows what waits', async () => {
    const { pool, ask, workers, running } = poolOf({ workers: 2 });
    const asked = ['a', 'b', 'c'].map((kind) => ask(kind, { kind }));
    await running(2);
    expect(workers.map(({ jobs }) => jobs.length)).toEqual([1, 1]);
    expect(pool.status).toEqual({ workers: 2, busy: 2, waiting: 1, waitingTokens: 20 });
    for (const { jobs } of workers) jobs[0]?.finish();
    await running(3);
    for (const { jobs } of workers) jobs[1]?.finish();
    await Promise.all(asked);
  });

  test('interrupts what runs for whoever stands before it, and for nobody else', async () => {
    const { ask, workers, running } = poolOf();
    const [early, late] = [nobody(), nobody()];
    // A sample keeps the place that it came to first.
    const first = ask('a', { kind: 'a', asker: early });
    const second = ask('b', { kind: 'b', asker: late });
    await running(1);
    workers[0]?.jobs[0]?.finish();
    await first;
    await running(2);
    const others = [ask('c', { kind: 'c' })];
    expect(workers[0]?.interruptions).toBe(0);
    others.push(ask('d', { kind: 'd', asker: early }));
    expect(workers[0]?.interruptions).toBe(1);
    for (const job of [1, 2, 3]) {
      await running(job + 1);
      workers[0]?.jobs[job]?.finish();
    }
    await Promise.all([second, ...others]);
  });

  test('leaves one of several workers free of long work', async () => {
    const { ask, workers, running } = poolOf({ workers: 2 });
    const lone = { kind: undefined, isLong: true };
    const [long, longer, short] = [ask('a', lone), ask('b', lone), ask('c')];
    await running(2);
    expect(workers.map(({ jobs }) => jobs.length)).toEqual([1, 1]);
    const finishAll = () => workers.forEach(({ jobs }) => jobs.forEach(({ finish }) => finish()));
    finishAll();
    expect(await Promise.all([long, short])).toEqual(['a', 'c']);
    await running(3);
    finishAll();
    await longer;
  });

  test('opens a part where it is needed, once, and everywhere when it is told to', async () => {
    const read: Part[] = [];
    const fileOf = (part: Part) => (read.push(part), Promise.resolve(FILE));
    const { pool, ask, workers, running } = poolOf({ workers: 2, fileOf });
    const asked = ask('a');
    await running(1);
    expect(pool.openIn(LAYER)).toBe(1);
    workers.flatMap(({ jobs }) => jobs)[0]?.finish();
    await asked;
    await pool.open([LAYER]);
    expect(pool.openIn(LAYER)).toBe(2);
    expect(workers.map(({ opened }) => opened)).toEqual([[LAYER], [LAYER]]);
    expect(read).toHaveLength(2);
  });

  test('fails the work whose part cannot be opened, and tries again for the next', async () => {
    const files = [
      () => Promise.reject(new DimeeError('MODEL_FILE_DAMAGED', 'Other bytes.')),
      () => Promise.resolve(FILE),
    ];
    const { ask, workers, running } = poolOf({ fileOf: () => files.shift()?.() ?? Promise.resolve(FILE) });
    await expect(ask('a')).rejects.toMatchObject({ code: 'MODEL_FILE_DAMAGED' });
    const asked = ask('b');
    await running(1);
    workers[0]?.jobs[0]?.finish();
    expect(await asked).toBe('b');
  });

  test('does not compute what is aborted before its turn', async () => {
    const { ask, workers, running } = poolOf();
    const cancel = new AbortController();
    const first = ask('a', { kind: 'a' });
    await running(1);
    const second = ask('b', { kind: 'b', asker: { ...nobody(), signal: cancel.signal } });
    cancel.abort();
    workers[0]?.jobs[0]?.finish();
    await first;
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(workers[0]?.jobs).toHaveLength(1);
  });
});

describe('A worker that ends by itself', () => {
  test('is replaced, and its work is done elsewhere', async () => {
    let lost = 0;
    const { pool, ask, workers, running } = poolOf({ onLost: () => lost++ });
    const asked = [ask('a'), ask('b')];
    await running(1);
    workers[0]?.jobs[0]?.lose();
    await running(2);
    workers[1]?.jobs[0]?.finish();
    expect(await Promise.all(asked)).toEqual(['a', 'b']);
    expect([lost, workers.length, pool.status.workers]).toEqual([1, 2, 1]);
  });

  test('twice with the same work fails it: that may be tried again, by whoever wants it', async () => {
    const { ask, workers, running } = poolOf();
    const asked = ask('a').catch((error: unknown) => error);
    await running(1);
    workers[0]?.jobs[0]?.lose();
    await running(2);
    workers[1]?.jobs[0]?.lose();
    expect(await asked).toMatchObject({ code: 'RUNTIME_LOST', retryable: true });
  });

  test('leaves a successor that has what all were to have', async () => {
    const { pool, ask, workers, running } = poolOf();
    await pool.open([LAYER]);
    const asked = ask('a', { part: undefined });
    await running(1);
    workers[0]?.jobs[0]?.lose();
    await running(2);
    workers[1]?.jobs[0]?.finish();
    await asked;
    await expect.poll(() => workers[1]?.opened).toEqual([LAYER]);
  });
});

test('A pool that closes fails what waits, ends its workers and starts no other', async () => {
  const { pool, ask, workers, running } = poolOf();
  const [computing, waiting] = [ask('a', { kind: 'a' }), ask('b', { kind: 'b' })];
  await running(1);
  const failed = expect(waiting).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE', retryable: true });
  await pool.close();
  await failed;
  workers[0]?.jobs[0]?.finish();
  expect(await computing).toBe('a');
  await expect(ask('c')).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE' });
  await setTimeout(250);
  expect(workers).toHaveLength(1);
});
