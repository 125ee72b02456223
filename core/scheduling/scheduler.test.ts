import { describe, expect, test } from 'vitest';
import { isAbort } from '../errors';
import type { Asker } from './asker';
import { Scheduler, type Work } from './scheduler';

interface Job extends Work {
  readonly name: string;
}

interface Wish {
  readonly kind?: string | undefined;
  readonly tokens?: number;
  readonly sample?: object;
  readonly signal?: AbortSignal;
  readonly deadlineAt?: number;
  readonly onTurn?: Asker['onTurn'];
}

/** A scheduler whose clock a test turns on, and what it has dropped. */
function schedulerOf({ tokens = 1 } = {}) {
  let at = 0;
  const dropped: [name: string, reason: unknown][] = [];
  const scheduler = new Scheduler<Job>({
    bounds: { tokens, padding: 1.15 },
    now: () => at,
    onDropped: ({ name }, reason) => dropped.push([name, reason]),
  });
  const clients = new Map<string, object>();
  /** Work by this name, of the client that its first letter names. */
  const add = (name: string, wish: Wish = {}) => {
    const client = clients.get(name.charAt(0)) ?? {};
    clients.set(name.charAt(0), client);
    const { tokens: length = 20, sample = {}, signal = new AbortController().signal } = wish;
    const asker = { client, sample, signal, deadlineAt: wish.deadlineAt ?? Infinity, onTurn: wish.onTurn };
    scheduler.add({ name, kind: 'kind' in wish ? wish.kind : 'layer 5', tokens: length, asker });
  };
  /** The names of the next batch, which is done at once. */
  const serve = () => {
    const batch = scheduler.next();
    scheduler.done(batch);
    return batch.map(({ name }) => name);
  };
  /** All that is left, in the order in which it is served. */
  const serveAll = () => {
    const served: string[] = [];
    for (let batch = serve(); batch.length > 0; batch = serve()) served.push(...batch);
    return served;
  };
  return { scheduler, dropped, add, serve, serveAll, pass: (ms: number) => (at += ms) };
}

describe('The order', () => {
  test('of clients with one sample each is that of their arrival', () => {
    const { add, serveAll } = schedulerOf();
    for (const name of ['c1', 'a1', 'b1']) add(name);
    expect(serveAll()).toEqual(['c1', 'a1', 'b1']);
  });

  test('of one client’s samples is that of their arrival', () => {
    const { add, serveAll } = schedulerOf();
    for (const name of ['a1', 'a2', 'a3']) add(name);
    expect(serveAll()).toEqual(['a1', 'a2', 'a3']);
  });

  test('lets a client with one sample in front of another’s hundreds', () => {
    const { add, serve, serveAll } = schedulerOf();
    for (let index = 0; index < 300; index++) add(`a${index}`);
    expect(serve()).toEqual(['a0']);
    add('b0');
    expect([...serve(), ...serve()]).toContain('b0');
    expect(serveAll()).toHaveLength(298);
  });

  test('gives clients with as much the same share, in tokens and not in samples', () => {
    const { add, serve } = schedulerOf();
    for (let index = 0; index < 100; index++) {
      add(`a${index}`, { tokens: 60 });
      add(`b${index}`, { tokens: 20 });
    }
    const served = Array.from({ length: 80 }, () => serve()[0]?.charAt(0));
    expect(served.filter((client) => client === 'b').length / 80).toBeCloseTo(0.75, 1);
  });

  test('of clients that send one after the other is that of arrival, however long their earlier ones were', () => {
    const { add, serve, serveAll } = schedulerOf();
    for (const name of ['a1', 'b1', 'c1']) add(name, { tokens: name === 'a1' ? 128 : 20 });
    serve();
    add('a2');
    serve();
    add('b2');
    expect(serveAll()).toEqual(['c1', 'a2', 'b2']);
  });

  test('lets no client’s line stand still behind those who send one after the other', () => {
    const { add, serve } = schedulerOf();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'd1']) add(name);
    const served: (string | undefined)[] = [];
    for (let turn = 2; turn < 18; turn++) {
      const [name = ''] = serve();
      served.push(name);
      if (!name.startsWith('a')) add(`${name.charAt(0)}${turn}`);
    }
    expect(served).toEqual(expect.arrayContaining(['a1', 'a2', 'a3']));
  });

  test('puts clients with little before all, in the order of their arrival', () => {
    const { add, serve } = schedulerOf({ tokens: 30 });
    for (let index = 0; index < 40; index++) add(`a${index}`);
    serve();
    for (const name of ['b1', 'c1', 'd1']) add(name);
    expect([serve(), serve()]).toEqual([['b1'], ['c1']]);
    add('e1');
    expect([serve(), serve()]).toEqual([['d1'], ['e1']]);
  });

  test('keeps the place of a sample from layer to layer: what has begun is finished first', () => {
    const { add, serve } = schedulerOf();
    const sample = {};
    add('a1', { sample });
    add('b1');
    expect(serve()).toEqual(['a1']);
    add('a1 again', { sample });
    add('c1');
    expect([serve(), serve(), serve()]).toEqual([['a1 again'], ['b1'], ['c1']]);
  });

  test('does not let a client save up turns while it is away', () => {
    const { add, serve } = schedulerOf();
    add('b0');
    serve();
    for (let index = 0; index < 50; index++) {
      add(`a${index}`);
      serve();
    }
    for (let index = 0; index < 20; index++) {
      add(`a9${index}`);
      add(`b9${index}`);
    }
    const served = Array.from({ length: 20 }, () => serve()[0]?.charAt(0));
    expect(served.filter((client) => client === 'b').length).toBeLessThanOrEqual(11);
  });
});

describe('A batch', () => {
  test('is what waits for the same, whoever sent it', () => {
    const { add, serveAll, serve } = schedulerOf({ tokens: 384 });
    add('a1');
    add('b1', { kind: 'layer 6' });
    add('c1');
    add('a2');
    expect(serve()).toEqual(['a1', 'c1', 'a2']);
    expect(serveAll()).toEqual(['b1']);
  });

  test('has one row where it may have one token, and of work without a kind', () => {
    const alone = schedulerOf({ tokens: 1 });
    for (const name of ['a1', 'b1']) alone.add(name);
    expect(alone.serve()).toEqual(['a1']);
    const kindless = schedulerOf({ tokens: 384 });
    for (const name of ['a1', 'b1']) kindless.add(name, { kind: undefined });
    expect(kindless.serve()).toEqual(['a1']);
  });

  test('of a client that has little here is kept short: only others like it go along', () => {
    const { add, serve } = schedulerOf({ tokens: 384 });
    for (let index = 0; index < 20; index++) add(`a${index}`);
    expect(serve()).toHaveLength(19);
    for (let index = 0; index < 20; index++) add(`a${20 + index}`);
    add('b1');
    add('c1');
    expect(serve()).toEqual(['b1', 'c1']);
    expect(serve()).toHaveLength(19);
  });

  test('is formed of what whoever is free accepts', () => {
    const { scheduler, add } = schedulerOf({ tokens: 384 });
    add('a1', { kind: undefined });
    add('b1');
    expect(scheduler.next(({ kind }) => kind !== undefined).map(({ name }) => name)).toEqual(['b1']);
    expect(scheduler.next(({ kind }) => kind !== undefined)).toEqual([]);
  });

  test('tells each row how long it has waited', () => {
    const { add, serve, pass } = schedulerOf({ tokens: 384 });
    const waited: number[] = [];
    add('a1', { onTurn: (ms) => waited.push(ms) });
    pass(30);
    add('b1', { onTurn: (ms) => waited.push(ms) });
    pass(5);
    serve();
    expect(waited).toEqual([35, 5]);
  });
});

describe('What nobody wants any more', () => {
  test('is dropped when the next batch is formed, with the signal’s reason', () => {
    const { scheduler, add, serveAll, dropped } = schedulerOf();
    const gone = new AbortController();
    add('a1', { signal: gone.signal });
    add('b1');
    gone.abort();
    expect(serveAll()).toEqual(['b1']);
    expect(dropped).toEqual([['a1', expect.toSatisfy(isAbort)]]);
    expect(scheduler.waiting).toEqual({ works: 0, tokens: 0 });
  });

  test('is dropped once its deadline is past', () => {
    const { add, serveAll, dropped, pass } = schedulerOf();
    add('a1', { deadlineAt: 50 });
    add('b1', { deadlineAt: 51 });
    pass(51);
    expect(serveAll()).toEqual(['b1']);
    expect(dropped).toEqual([['a1', expect.objectContaining({ code: 'DEADLINE_EXCEEDED', retryable: true })]]);
  });

  test('leaves the others’ shares as they are', () => {
    const { add, serve } = schedulerOf();
    const gone = new AbortController();
    for (let index = 0; index < 50; index++) add(`a${index}`, { signal: gone.signal });
    gone.abort();
    add('b1');
    add('c1');
    expect([serve(), serve(), serve()]).toEqual([['b1'], ['c1'], []]);
  });
});

test('knows what waits, and gives all of it up at once', () => {
  const { scheduler, add } = schedulerOf();
  for (const [index, name] of ['a1', 'a2', 'b1'].entries()) add(name, { tokens: 10 + index });
  scheduler.next();
  expect(scheduler.waiting).toEqual({ works: 2, tokens: 23 });
  expect(scheduler.drain().map(({ name }) => name)).toEqual(['a2', 'b1']);
  expect(scheduler.waiting).toEqual({ works: 0, tokens: 0 });
});
