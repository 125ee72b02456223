import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../errors';
import type { FakeSocket } from '../testing/socket-pair';
import { websocketBytes } from './link';
import { answer, connected, dial, mismatch, pass, politely, say, welcome } from '../testing/dial';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the handshake', () => {
  test('HS1: the first message is the hello, and nothing is sent before the welcome', async () => {
    const link = dial(() => undefined);
    link.infer();
    await pass(10);
    const [{ client } = { client: undefined }] = link.connections;
    expect(client?.binaryType).toBe('arraybuffer');
    expect(client?.sent).toEqual(['{"type":"hello","protocol":1,"modelHash":"hash","variant":"q8","client":"test"}']);
    say(link.server(), welcome());
    await pass();
    expect(link.sentIds()).toHaveLength(1);
    link.tier.close();
  });

  test('reports connecting, then open with the tier that answered', async () => {
    const { statuses, tier } = await connected();
    expect(statuses.slice(0, 2)).toEqual([
      { state: 'connecting' },
      { state: 'open', tier: 'edge', roundTripMs: undefined },
    ]);
    tier.close();
  });

  test('HS3: a refusal fails what waits and all that comes, with its own error, and is not tried again', async () => {
    const link = dial((server) => {
      server.onmessage = () => {
        say(server, mismatch);
        server.close(1008);
      };
    });
    const waiting = link.infer();
    await pass();
    expect(waiting.error).toBeInstanceOf(DimeeError);
    expect(waiting.error).toMatchObject({ code: 'MODEL_MISMATCH', message: mismatch.message });
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: mismatch.message });
    await pass(60_000);
    expect(link.connections).toHaveLength(1);
    const later = link.infer();
    await pass();
    expect(later.error).toBe(waiting.error);
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: mismatch.message });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ER1: a refusal that is retryable is only a reason to try again', async () => {
    let attempts = 0;
    const link = dial((server) => {
      if (++attempts > 1) return void politely(server);
      server.onmessage = () => {
        say(server, { ...mismatch, code: 'OVERLOADED', retryable: true });
        server.close(1013);
      };
      return undefined;
    });
    const waiting = link.infer();
    await pass(200);
    expect(link.sentIds()).toHaveLength(1);
    expect(waiting).toEqual({});
    link.tier.close();
  });
});

describe('a connection that is lost', () => {
  test('is tried again after 100 ms, and each time after twice as long, at most 5 s', async () => {
    const openedAt: number[] = [];
    const link = dial(() => {
      openedAt.push(performance.now());
      return 'refuse';
    });
    await pass(40_000);
    const waits = openedAt.slice(1).map((time, index) => Math.round(time - (openedAt[index] ?? 0)));
    expect(waits.slice(0, 8)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    link.tier.close();
  });

  test('begins with 100 ms again once a connection has stood', async () => {
    let refusals = 4;
    const link = dial((server) => (refusals-- > 0 ? 'refuse' : void politely(server)));
    await pass(2000);
    expect(link.statuses.at(-1)?.state).toBe('open');
    const before = link.connections.length;
    link.server()?.lose();
    await pass(101);
    expect(link.connections).toHaveLength(before + 1);
    link.tier.close();
  });

  test('ER7: an answer that cannot be read ends the connection with 1002', async () => {
    const link = await connected();
    const outcome = link.infer();
    const [first] = link.connections;
    first?.server.send('{"type":"result"');
    await pass(150);
    expect(first?.server.closed).toEqual({ code: 1002, reason: 'unreadable message' });
    expect(link.connections).toHaveLength(2);
    expect(outcome).toEqual({});
    link.tier.close();
  });
});

describe('ER5: a tier that cannot be reached', () => {
  test.each(['refuse', 'hang'] as const)('fails what waits after its patience (%s)', async (behaviour) => {
    const link = dial(() => behaviour, { patienceMs: 2000 });
    const waiting = link.infer();
    await pass(1999);
    expect(waiting).toEqual({});
    await pass(2);
    expect(waiting.error).toMatchObject({ code: 'TIER_UNAVAILABLE', retryable: true });
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: 'no answer' });
    link.tier.close();
  });

  test('a server that opens and never says welcome counts as none', async () => {
    const link = dial(() => undefined, { patienceMs: 2000 });
    const waiting = link.infer();
    await pass(2001);
    expect(waiting.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    link.tier.close();
  });

  test('fails new requests at once while it is down, and is tried on in the background until it is back', async () => {
    let isUp = false;
    const link = dial((server) => (isUp ? void politely(server) : 'refuse'), { patienceMs: 1000 });
    await pass(1500);
    const meanwhile = link.infer();
    await pass();
    expect(meanwhile.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    isUp = true;
    await pass(5000);
    expect(link.statuses.at(-1)).toMatchObject({ state: 'open' });
    const later = link.infer();
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(later.result).toBeDefined();
    link.tier.close();
  });

  test('says connecting, down once, and open', async () => {
    let isUp = true;
    const link = dial((server) => (isUp ? void politely(server) : 'refuse'), { patienceMs: 1000 });
    await pass();
    isUp = false;
    link.server()?.close(1001, 'going away');
    await pass(20_000);
    isUp = true;
    await pass(6000);
    const states = link.statuses.map((status) => status.state);
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
      ...['connecting', 'open', 'connecting', 'down', 'open'],
    ]);
    expect(states.filter((state) => state === 'down')).toHaveLength(1);
    expect(link.statuses).toContainEqual({ state: 'down', reason: 'going away' });
    link.tier.close();
  });

  test('has patience anew after every connection that stood', async () => {
    let isUp = true;
    const link = dial((server) => (isUp ? void politely(server) : 'refuse'), { patienceMs: 1000 });
    await pass(10_000);
    isUp = false;
    link.server()?.lose();
    const waiting = link.infer();
    await pass(950);
    expect(waiting).toEqual({});
    await pass(100);
    expect(waiting.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    link.tier.close();
  });

  test('an attempt without a welcome is given up after 10 s, for another', async () => {
    const link = dial(() => 'hang');
    await pass(10_050);
    expect(link.connections).toHaveLength(1);
    await pass(100);
    expect(link.connections).toHaveLength(2);
    expect(link.connections[0]?.client.closed).toMatchObject({ code: 4000 });
    link.tier.close();
  });

  test('a welcome that comes after its attempt was given up is not heard', async () => {
    const link = dial(() => undefined);
    await pass(10_050);
    say(link.connections[0]?.server, welcome());
    await pass();
    expect(link.statuses.some((status) => status.state === 'open')).toBe(false);
    link.tier.close();
  });
});

describe('RQ8: pings', () => {
  const pings = (client: FakeSocket | undefined) =>
    (client?.sentMessages ?? []).filter((message) => message.type === 'ping').length;

  test('measure the round trip, at once and every 4 s', async () => {
    const link = dial((server) => {
      server.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as { type: string; id: number };
        if (message.type === 'hello') say(server, welcome());
        if (message.type === 'ping') setTimeout(() => say(server, { type: 'pong', id: message.id }), 42);
      };
    });
    await pass(100);
    expect(link.statuses.at(-1)).toEqual({ state: 'open', tier: 'edge', roundTripMs: 42 });
    expect(pings(link.connections[0]?.client)).toBe(1);
    await pass(4000);
    expect(pings(link.connections[0]?.client)).toBe(2);
    await pass(42);
    expect(link.statuses.at(-1)).toEqual({ state: 'open', tier: 'edge', roundTripMs: 42 });
    expect(link.statuses.filter((status) => status.state === 'open')).toHaveLength(3);
    link.tier.close();
  });

  test('one that is not answered before the next is due ends the connection, without waiting for its close', async () => {
    const link = await connected();
    const outcome = link.infer();
    const ids = link.sentIds();
    link.connections[0]?.client.unplug();
    await pass(8200);
    expect(link.connections).toHaveLength(2);
    expect(link.sentIds()).toEqual(ids);
    link.reply(ids[0] ?? 0);
    await pass();
    expect(outcome.result).toBeDefined();
    link.tier.close();
  });

  test('nothing that the old connection still brings is heard', async () => {
    const link = await connected();
    const outcome = link.infer();
    const [id = 0] = link.sentIds();
    const [old] = link.connections;
    if (old) old.server.onmessage = null;
    await pass(8200);
    expect(link.connections).toHaveLength(2);
    old?.client.onmessage?.({ data: JSON.stringify({ type: 'result', requestId: id, ...answer }) });
    old?.client.onclose?.({ code: 1006, reason: '' });
    await pass();
    expect(outcome).toEqual({});
    expect(link.connections).toHaveLength(2);
    link.tier.close();
  });

  test('a second welcome does not make a second pace', async () => {
    const link = await connected();
    say(link.server(), welcome());
    await pass(20_000);
    expect(pings(link.connections[0]?.client)).toBeLessThanOrEqual(7);
    link.tier.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  [0, 2],
  [125, 127],
  [126, 130],
  [65_535, 65_539],
  [65_536, 65_546],
])('websocketBytes: %i bytes take %i in one frame, and 4 more masked', (payload, bytes) => {
  expect(websocketBytes(payload, false)).toBe(bytes);
  expect(websocketBytes(payload, true)).toBe(bytes + 4);
});

describe('a tier that another stands in for', () => {
  test('fails at once, and is said to be away only once it has been for a while', async () => {
    const link = dial(() => 'refuse', { patienceMs: 0, reportMs: 2500 });
    await pass(10);
    expect(link.infer().error).toBeUndefined();
    await pass();
    expect(link.tier.isOpen).toBe(false);
    expect(new Set(link.statuses.map(({ state }) => state))).toEqual(new Set(['connecting']));
    await pass(2500);
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: 'no answer' });
    await pass(10_000);
    expect(link.statuses.at(-1)?.state).toBe('down');
    link.tier.close();
  });

  test('HS8: that wants a token is not asked again, and is said to want one', async () => {
    const refusal = { ...mismatch, code: 'UNAUTHORIZED', message: 'This server wants a token.' };
    const link = dial((server) => void (server.onmessage = () => say(server, refusal)), { token: 'the token' });
    await pass(20_000);
    expect(link.connections).toHaveLength(1);
    expect(link.connections[0]?.client.sentMessages[0]).toMatchObject({ type: 'hello', token: 'the token' });
    expect(link.statuses.at(-1)).toEqual({ state: 'down', reason: refusal.message, wantsToken: true });
    expect(link.tier.refusal).toMatchObject({ code: 'UNAUTHORIZED' });
    link.tier.close();
  });
});
