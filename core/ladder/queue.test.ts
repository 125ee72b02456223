import { describe, expect, test } from 'vitest';
import { isAbort } from '../errors';
import { gate } from '../testing/gate';
import { Queue } from './queue';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A queue, and jobs that run until they are let go. */
function queueOf(lanes: number, maxQueue?: number) {
  let time = 0;
  const queue = new Queue({ lanes, ...(maxQueue !== undefined && { maxQueue }), now: () => time });
  const started: string[] = [];
  const start = (name: string, signal = never) => {
    const { opened, open } = gate();
    const done = queue.run(async () => {
      started.push(name);
      await opened;
      return name;
    }, signal);
    return { done, finish: open };
  };
  return { queue, started, start, pass: (ms: number) => (time += ms) };
}

describe('Queue', () => {
  test('runs as many jobs at a time as it has lanes, first come, first served', async () => {
    const { queue, started, start } = queueOf(2, 10);
    const [a, b, c, d] = [start('a'), start('b'), start('c'), start('d')];
    await settled();
    expect(started).toEqual(['a', 'b']);
    expect([queue.running, queue.waiting]).toEqual([2, 2]);
    b.finish();
    expect(await b.done).toBe('b');
    await settled();
    expect(started).toEqual(['a', 'b', 'c']);
    for (const job of [a, c, d]) job.finish();
    await Promise.all([a.done, c.done, d.done]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test('lets any number wait where it has no bound', async () => {
    const { queue, start } = queueOf(1);
    const jobs = Array.from({ length: 1000 }, (_, index) => start(`job ${index}`));
    await settled();
    expect([queue.running, queue.waiting]).toEqual([1, 999]);
    for (const { finish } of jobs) finish();
    expect(await Promise.all(jobs.map(({ done }) => done))).toHaveLength(1000);
  });

  test('gives the lane on when a job fails', async () => {
    const { queue } = queueOf(1, 1);
    const failing = queue.run(() => Promise.reject(new Error('fell over')), never);
    const next = queue.run(() => Promise.resolve('next'), never);
    await expect(failing).rejects.toThrow('fell over');
    expect(await next).toBe('next');
  });

  test('ER2: a job beyond the queue is OVERLOADED, to be tried again after the measured time', async () => {
    const { queue, start, pass } = queueOf(1, 2);
    for (let index = 0; index < 100; index++) {
      await queue.run(() => Promise.resolve(pass(20)), never);
    }
    const jobs = [start('a'), start('b'), start('c')];
    const refused = start('d').done;
    await expect(refused).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true, retryAfterMs: 61 });
    for (const job of jobs) job.finish();
    await Promise.all(jobs.map((job) => job.done));
  });

  test('takes an aborted job out of the queue at once, and leaves the order of the others', async () => {
    const { queue, started, start } = queueOf(1, 10);
    const abort = new AbortController();
    const [a, b, c] = [start('a'), start('b', abort.signal), start('c')];
    await settled();
    abort.abort();
    expect(queue.waiting).toBe(1);
    expect(isAbort(await b.done.catch((error: unknown) => error))).toBe(true);
    a.finish();
    c.finish();
    await Promise.all([a.done, c.done]);
    expect(started).toEqual(['a', 'c']);
  });

  test('does not run a job whose signal is aborted already', async () => {
    const { started, start } = queueOf(1, 10);
    await expect(start('a', AbortSignal.abort()).done).rejects.toThrow();
    expect(started).toEqual([]);
  });
});
