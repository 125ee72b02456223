import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { afterMobile as announced, Client, frame, HELLO, infer, settled, SlowTier } from '../testing/connection-client';
import { afterMobile, connected, dial, pass, politely, say, text } from '../testing/dial';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('DR1: a server that is about to end', () => {
  test('says so, answers what it has, and closes with 1012 after the last answer', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    for (const requestId of [1, 2]) client.say(infer(requestId));
    client.connection.drain();
    expect(client.heard).toEqual([expect.objectContaining({ type: 'error', code: 'DRAINING', retryable: true })]);
    expect(client.heard[0]).not.toHaveProperty('requestId', expect.anything());
    tier.asked[1]?.answer();
    await settled();
    expect(client.last).toMatchObject({ type: 'result', requestId: 2 });
    expect(client.closed).toBeUndefined();
    tier.asked[0]?.answer();
    await settled();
    expect(client.last).toMatchObject({ type: 'result', requestId: 1 });
    expect(client.closed).toEqual({ code: 1012, reason: 'the server is about to end' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('refuses what still comes as a tier that is overloaded, which older clients understand', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1));
    client.say(infer(2, announced));
    client.connection.drain();
    client.say(frame(2));
    expect(client.last).toMatchObject({ requestId: 2, code: 'OVERLOADED', retryable: true, retryAfterMs: 100 });
    client.say({ type: 'ping', id: 5 });
    expect(client.last).toEqual({ type: 'pong', id: 5 });
    expect(tier.asked).toHaveLength(1);
    client.say({ type: 'cancel', requestId: 1 });
    await settled();
    expect(client.closed?.code).toBe(1012);
  });

  test.each([
    ['has nothing in flight', Client.greeted],
    ['has not said hello', () => new Client()],
  ])('closes at once what %s', (_what, open) => {
    const client = open();
    client.connection.drain();
    expect(client.closed?.code).toBe(1012);
    client.say(HELLO);
    expect(client.heard.filter(({ type }) => type === 'welcome')).toEqual([]);
  });
});

describe('DR1: a client whose server is about to end', () => {
  const draining = { type: 'error', code: 'DRAINING', message: 'The edge is about to end.', retryable: true };
  const overloaded = { code: 'OVERLOADED', retryable: true, retryAfterMs: 5000 };

  async function movedOver() {
    const link = await connected();
    const early = link.infer({ ...text(1), deadlineMs: 60_000 });
    const [earlyId = 0] = link.sentIds();
    const [old] = link.connections;
    say(old?.server, draining);
    await pass();
    return { ...link, early, earlyId, old };
  }

  test('opens another connection at once, sends there what is new, and hears the old one out', async () => {
    const link = await movedOver();
    expect(link.connections).toHaveLength(2);
    const late = link.infer(afterMobile);
    await pass();
    const [lateId = 0] = link.sentIds();
    expect(link.sentIds()).toEqual([lateId]);
    link.reply(lateId);
    say(link.old?.server, {
      type: 'result',
      requestId: link.earlyId,
      ...{ tokens: 5, crossings: [], queueMs: 1 },
      steps: [{ layer: 1, tier: 'edge', logits: [1, 0], computeMs: 2 }],
    });
    link.old?.server.close(1012, 'the server is about to end');
    await pass();
    expect([link.early.result?.tokens, late.result?.tokens]).toEqual([5, lateId]);
    expect(link.sentIds()).toEqual([lateId]);
    link.tier.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('sends to the next what the old one refused or had no time for, as often as servers end', async () => {
    const link = await movedOver();
    say(link.old?.server, { type: 'error', requestId: link.earlyId, message: 'no more', ...overloaded });
    await pass();
    expect(link.sentIds()).toEqual([link.earlyId]);
    for (let ends = 0; ends < 3; ends++) {
      const before = link.server();
      say(before, draining);
      await pass();
      expect(link.sentIds()).toEqual([]);
      before?.close(1001, 'out of time');
      await pass();
      expect(link.sentIds()).toEqual([link.earlyId]);
    }
    link.reply(link.earlyId);
    await pass();
    expect(link.early.result?.tokens).toBe(link.earlyId);
    link.tier.close();
  });

  test('waits 15 s for the old one’s answers, and cancels where the request is', async () => {
    const link = await movedOver();
    const stop = new AbortController();
    const abandoned = link.infer(text(2), stop.signal);
    say(link.server(), draining);
    await pass();
    stop.abort(new Error('stopped'));
    await pass();
    expect(abandoned.error).toMatchObject({ message: 'stopped' });
    const cancels = link.connections.map(({ client }) => client.sentMessages.filter(({ type }) => type === 'cancel'));
    expect(cancels.map((messages) => messages.length)).toEqual([0, 1, 0]);
    await pass(14_900);
    expect(link.sentIds()).toEqual([]);
    await pass(200);
    expect(link.old?.client.closed).toMatchObject({ code: 1000 });
    expect(link.sentIds()).toEqual([link.earlyId]);
    link.tier.close();
  });

  test('counts the tier as down after its patience, and yet takes the old one’s answers', async () => {
    let isUp = true;
    const link = dial((server) => (isUp ? void politely(server) : 'refuse'), { patienceMs: 2000 });
    await pass();
    const early = link.infer(text(1));
    const [old] = link.connections;
    const [earlyId = 0] = link.sentIds();
    isUp = false;
    say(old?.server, draining);
    await pass();
    const late = link.infer(text(2));
    await pass(2100);
    expect(late.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: draining.message });
    expect(early).toEqual({});
    say(old?.server, { ...draining, requestId: earlyId, code: 'DEADLINE_EXCEEDED' });
    await pass();
    expect(early.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    link.tier.close();
  });

  test('gives up what the old one had no time for where there is no other', async () => {
    let isUp = true;
    const link = dial((server) => (isUp ? void politely(server) : 'refuse'), { patienceMs: 2000 });
    await pass();
    const early = link.infer(text(1));
    const [old] = link.connections;
    isUp = false;
    say(old?.server, draining);
    await pass(2100);
    old?.server.close(1001);
    await pass();
    expect(early.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    link.tier.close();
  });
});
