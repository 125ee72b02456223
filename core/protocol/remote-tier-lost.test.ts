import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { afterMobile, connected, dial, pass, politely, text } from '../testing/dial';
import type { FakeSocket } from '../testing/socket-pair';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('RQ4: a lost connection', () => {
  test('is opened again, and what was in flight is sent again under the same ids, in order', async () => {
    const link = await connected();
    const outcomes = [link.infer(text(1)), link.infer(afterMobile)];
    const ids = link.sentIds();
    link.server()?.lose();
    await pass(99);
    expect(link.connections).toHaveLength(1);
    await pass(2);
    expect(link.connections).toHaveLength(2);
    expect(link.sentIds()).toEqual(ids);
    for (const id of ids) link.reply(id);
    await pass();
    expect(outcomes.map((outcome) => outcome.result?.tokens)).toEqual(ids);
    link.tier.close();
  });

  test('what was answered before is not sent again', async () => {
    const link = await connected();
    link.infer(text(1));
    link.infer(text(2));
    const [first = 0, second = 0] = link.sentIds();
    link.reply(first);
    await pass();
    link.server()?.lose();
    await pass(150);
    expect(link.sentIds()).toEqual([second]);
    link.tier.close();
  });

  test('the round trip is that of the connection that brought the answer', async () => {
    const link = await connected();
    const outcome = link.infer();
    await pass(1000);
    link.server()?.lose();
    await pass(150);
    const sentAgainAt = 1100;
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(outcome.result?.crossings[0]?.roundTripMs).toBeCloseTo(1150 - sentAgainAt, 6);
    link.tier.close();
  });

  test('a server’s orderly close is a lost connection too', async () => {
    const link = await connected();
    const outcome = link.infer();
    link.server()?.close(1001, 'going away');
    await pass(150);
    expect(outcome).toEqual({});
    expect(link.sentIds()).toHaveLength(1);
    link.tier.close();
  });

  test('ER1: an error about the connection fails what was sent, which must be to blame, and no more', async () => {
    const link = await connected(1);
    const [sent, waiting] = [link.infer(text(1)), link.infer(text(2))];
    link.fail(undefined, { code: 'BAD_FRAME', message: 'This is no frame.' });
    link.server()?.close(1002);
    await pass(150);
    expect(sent.error).toMatchObject({ code: 'BAD_FRAME', message: 'This is no frame.' });
    expect(waiting).toEqual({});
    expect(link.connections).toHaveLength(2);
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(waiting.result).toBeDefined();
    link.tier.close();
  });
});

describe('A tier that is away', () => {
  test('is waited for until the deadline, where nobody else is there to ask', async () => {
    let isAway = true;
    const accept = (server: FakeSocket) => (isAway ? 'refuse' : void politely(server));
    const link = dial(accept, { patienceMs: undefined });
    const outcome = link.infer({ ...text(), deadlineMs: 60_000 });
    await pass(20_000);
    isAway = false;
    await pass(6000);
    expect(link.statuses).toContainEqual(expect.objectContaining({ state: 'down' }));
    const [id = 0] = link.sentIds();
    link.reply(id);
    await pass();
    expect(outcome.result?.tokens).toBe(id);
    link.tier.close();
  });

  test('is TIER_UNAVAILABLE at the deadline', async () => {
    const link = dial(() => 'refuse', { patienceMs: undefined });
    const outcome = link.infer({ ...text(), deadlineMs: 10_000 });
    await pass(9999);
    expect(outcome.error).toBeUndefined();
    await pass(2);
    expect(outcome.error).toMatchObject({ code: 'TIER_UNAVAILABLE', retryable: true });
    link.tier.close();
  });
});
