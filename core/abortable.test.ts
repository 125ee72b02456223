import { describe, expect, test } from 'vitest';
import { isAbort } from '../core/errors';
import { gate } from '../core/testing/gate';
import { abortable } from './abortable';

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
