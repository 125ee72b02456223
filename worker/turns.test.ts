import { describe, expect, test } from 'vitest';
import { isAbort } from '../core/errors';
import { gate } from '../core/testing/tier-suite';
import { abortable, Turns } from './turns';

describe('Turns', () => {
  test('runs no more jobs at once than it may, in the order they came', async () => {
    const turns = new Turns(2);
    const gates = Array.from({ length: 5 }, gate);
    const started: number[] = [];
    const jobs = gates.map(({ opened }, index) =>
      turns.take(async () => {
        started.push(index);
        await opened;
        return index;
      }),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    gates[1]?.open();
    await jobs[1];
    expect(started).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    expect(await Promise.all(jobs)).toEqual([0, 1, 2, 3, 4]);
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  test('goes on after a job that failed', async () => {
    const turns = new Turns(1);
    const failure = turns.take(() => Promise.reject(new Error('no')));
    const next = turns.take(() => Promise.resolve('yes'));
    await expect(failure).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(await turns.take(() => Promise.resolve('again'))).toBe('again');
  });
});

describe('abortable', () => {
  test('passes on what comes before the abort', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  test('rejects at the abort, and once more work fails nobody minds', async () => {
    const abort = new AbortController();
    const { opened, open } = gate();
    const late = opened.then(() => {
      throw new Error('too late to matter');
    });
    const waiting = abortable(late, abort.signal).catch((reason: unknown) => reason);
    abort.abort();
    expect(isAbort(await waiting)).toBe(true);
    open();
    await expect(late).rejects.toThrow();
  });

  test('rejects at once where the abort came first', async () => {
    const never = new Promise(() => undefined);
    expect(isAbort(await abortable(never, AbortSignal.abort()).catch((reason: unknown) => reason))).toBe(true);
  });
});
