import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isAbort } from '../errors';
import { LIMITS } from './limits';
import { connected, dial, pass, say, text, welcome } from '../testing/dial';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('ER2: an overloaded tier', () => {
  test('gets the request again, under its id, after the time it asked for and not before', async () => {
    const link = await connected();
    const outcome = link.infer();
    const [id = 0] = link.sentIds();
    link.fail(id, { code: 'OVERLOADED', retryable: true, retryAfterMs: 300 });
    await pass(299);
    expect(link.sentIds()).toEqual([id]);
    await pass(2);
    expect(link.sentIds()).toEqual([id, id]);
    // One that was refused is asked no more at once than it has shown that it takes.
    link.infer(text(2));
    expect(link.sentIds()).toEqual([id, id]);
    link.reply(id);
    await pass();
    expect(link.sentIds()).toHaveLength(3);
    expect(outcome.result?.tokens).toBe(id);
    link.tier.close();
  });

  test('is left alone for a moment where it names no time', async () => {
    const link = await connected();
    link.infer();
    link.fail(link.sentIds()[0], { code: 'OVERLOADED', retryable: true });
    await pass(50);
    expect(link.sentIds()).toHaveLength(1);
    await pass(60);
    expect(link.sentIds()).toHaveLength(2);
    link.tier.close();
  });

  test('has the wait kept over a lost connection', async () => {
    const link = await connected();
    link.infer();
    link.fail(link.sentIds()[0], { code: 'OVERLOADED', retryable: true, retryAfterMs: 500 });
    await pass();
    link.server()?.lose();
    await pass(200);
    expect(link.connections).toHaveLength(2);
    expect(link.sentIds()).toEqual([]);
    await pass(400);
    expect(link.sentIds()).toHaveLength(1);
    link.tier.close();
  });

  test('is not asked again for what was given up meanwhile', async () => {
    const link = await connected();
    const abort = new AbortController();
    link.infer(text(), abort.signal);
    link.fail(link.sentIds()[0], { code: 'OVERLOADED', retryable: true, retryAfterMs: 300 });
    await pass();
    abort.abort();
    await pass(1000);
    expect(link.sentIds()).toHaveLength(1);
    expect(link.cancelledIds()).toEqual([]);
    link.tier.close();
  });
});

describe('giving up', () => {
  test('RQ6: an abort sends a cancel, rejects with the AbortError and lets the next request go', async () => {
    const link = await connected(1);
    const abort = new AbortController();
    const outcome = link.infer(text(1), abort.signal);
    link.infer(text(2));
    const [id = 0] = link.sentIds();
    abort.abort();
    await pass();
    expect(isAbort(outcome.error)).toBe(true);
    expect(link.cancelledIds()).toEqual([id]);
    expect(link.sentIds()).toHaveLength(2);
    link.reply(id);
    await pass();
    expect(outcome.result).toBeUndefined();
    link.tier.close();
  });

  test('an abort before sending sends nothing', async () => {
    const link = await connected(1);
    const abort = new AbortController();
    link.infer(text(1));
    const waiting = link.infer(text(2), abort.signal);
    abort.abort();
    await pass();
    expect(isAbort(waiting.error)).toBe(true);
    expect(link.cancelledIds()).toEqual([]);
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(link.sentIds()).toHaveLength(1);
    link.tier.close();
  });

  test('an abort with a reason of its own rejects with that reason', async () => {
    const link = await connected();
    const abort = new AbortController();
    const outcome = link.infer(text(), abort.signal);
    const reason = new Error('the page was closed');
    abort.abort(reason);
    await pass();
    expect(outcome.error).toBe(reason);
    link.tier.close();
  });

  test('a signal aborted beforehand rejects at once and sends nothing', async () => {
    const link = await connected();
    const outcome = link.infer(text(), AbortSignal.abort());
    await pass();
    expect(isAbort(outcome.error)).toBe(true);
    expect(link.sentIds()).toEqual([]);
    link.tier.close();
  });

  test('ER3: a deadline that passes is DEADLINE_EXCEEDED and cancels', async () => {
    const link = await connected();
    const outcome = link.infer({ ...text(), deadlineMs: 800 });
    await pass(799);
    expect(outcome).toEqual({});
    await pass(2);
    expect(outcome.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
    expect(link.cancelledIds()).toEqual(link.sentIds());
    link.tier.close();
  });

  test('ER3: the server is told what is left of the deadline when the request leaves', async () => {
    const link = dial(() => undefined);
    link.infer({ ...text(), deadlineMs: 800 });
    await pass(300);
    say(link.server(), welcome());
    await pass();
    const infer = link.connections[0]?.client.sentMessages.find((message) => message.type === 'infer');
    expect(infer?.deadlineMs).toBeCloseTo(500, 6);
    link.tier.close();
  });

  test.each([Infinity, 1e9])('a deadline of %d ms is cut to what the protocol allows', async (deadlineMs) => {
    const link = await connected();
    const outcome = link.infer({ ...text(), deadlineMs });
    const infer = link.connections[0]?.client.sentMessages.find((message) => message.type === 'infer');
    expect(infer?.deadlineMs).toBe(LIMITS.maxDeadlineMs);
    await pass(1000);
    expect(outcome).toEqual({});
    link.tier.close();
  });
});
