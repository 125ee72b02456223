import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../errors';
import { PROTOCOL_VERSION } from './limits';
import { Represented } from './represented';
import { fakeLadder } from '../testing/fake-ladder';
import { Client, frame, HELLO, infer, manifest, settled, SlowTier } from '../testing/connection-client';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('Handshake', () => {
  test.each([
    ['an infer', JSON.stringify(infer(1))],
    ['a ping', '{"type":"ping","id":1}'],
    ['a tensor frame', frame(1)],
    ['no JSON', 'hello'],
    ['a hello without its fields', '{"type":"hello"}'],
  ])('HS1: %s before the hello is answered BAD_MESSAGE and closed with 1002', (_, message) => {
    const client = new Client();
    client.say(message);
    expect(client.heard).toMatchObject([{ type: 'error', code: 'BAD_MESSAGE', retryable: false }]);
    expect(client.closed?.code).toBe(1002);
  });

  test('HS1: a second hello is no first message, and closed with 1002', () => {
    const client = Client.greeted();
    client.say(HELLO);
    expect(client.last).toMatchObject({ code: 'BAD_MESSAGE' });
    expect(client.closed?.code).toBe(1002);
  });

  test('HS2: a protocol the server does not speak is answered PROTOCOL_VERSION and closed with 1002', () => {
    const client = new Client();
    client.say({ ...HELLO, protocol: 2 });
    expect(client.heard).toMatchObject([{ type: 'error', code: 'PROTOCOL_VERSION' }]);
    expect(client.closed).toEqual({ code: 1002, reason: 'PROTOCOL_VERSION' });
  });

  test('HS3: another model’s hash is answered MODEL_MISMATCH and closed with 1008', () => {
    const client = new Client();
    client.say({ ...HELLO, modelHash: '0'.repeat(64) });
    expect(client.heard).toMatchObject([{ type: 'error', code: 'MODEL_MISMATCH' }]);
    expect(client.closed?.code).toBe(1008);
  });

  test.each(['q2', 'constructor'])(
    'HS4: the unknown variant “%s” is answered BAD_INPUT and closed with 1008',
    (variant) => {
      const client = new Client();
      client.say({ ...HELLO, variant });
      expect(client.heard).toMatchObject([{ type: 'error', code: 'BAD_INPUT' }]);
      expect(client.closed?.code).toBe(1008);
    },
  );

  test('HS5: a hello is answered welcome', async () => {
    const client = new Client();
    client.say(HELLO);
    const { hash: modelHash } = manifest;
    const expected = { protocol: PROTOCOL_VERSION, tier: 'edge', modelHash, variant: 'q8', maxInFlight: 4 };
    expect(client.heard).toEqual([{ type: 'welcome', ...expected }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.closed).toBeUndefined();
  });

  test('HS6: a socket that has not said hello within 5 seconds is closed with 1002', async () => {
    const client = new Client();
    await vi.advanceTimersByTimeAsync(4900);
    expect(client.closed).toBeUndefined();
    await vi.advanceTimersByTimeAsync(200);
    expect(client.closed).toEqual({ code: 1002, reason: 'no hello' });
  });
});

describe('Tokens', () => {
  const authorize = (token: string | undefined) =>
    token === 'right' ? undefined : new DimeeError('UNAUTHORIZED', `no, not by ${token?.length ?? 'nothing'}`);
  const said = (hello: object) => {
    const client = new Client(undefined, 4, { authorize });
    client.say(hello);
    return client;
  };

  test('HS8: a hello without the token, or with another, is answered UNAUTHORIZED and closed with 1008', () => {
    for (const hello of [HELLO, { ...HELLO, token: 'wrong' }, { ...HELLO, token: 'wrong', modelHash: 'other' }]) {
      const client = said(hello);
      expect(client.heard).toMatchObject([{ type: 'error', code: 'UNAUTHORIZED', retryable: false }]);
      expect(client.closed).toEqual({ code: 1008, reason: 'UNAUTHORIZED' });
    }
  });

  test('HS8: one with it is welcome, and what is wrong with it otherwise is said then', () => {
    expect(said({ ...HELLO, token: 'right' }).heard).toMatchObject([{ type: 'welcome' }]);
    expect(said({ ...HELLO, token: 'right', modelHash: 'other' }).heard).toMatchObject([{ code: 'MODEL_MISMATCH' }]);
    expect(said({ ...HELLO, protocol: 2 }).heard).toMatchObject([{ code: 'PROTOCOL_VERSION' }]);
  });

  test.each(['', 'secret'.repeat(100), 7, null])('HS8: %j is no token, and is not said back', (token) => {
    const client = said({ ...HELLO, token });
    expect(client.heard).toMatchObject([{ type: 'error', code: 'BAD_MESSAGE' }]);
    expect(JSON.stringify(client.heard)).not.toContain('secret');
  });

  test('HS8: a server that wants none takes a hello that has one', () => {
    const client = new Client();
    client.say({ ...HELLO, token: 'whatever it is' });
    expect(client.heard).toMatchObject([{ type: 'welcome' }]);
    expect(client.log.join()).not.toContain('whatever');
  });
});

describe('Clients of an edge', () => {
  /** For each sample, the first one that is of the same client. */
  const clientsOf = async (believesEdges: boolean, ...keys: readonly (string | undefined)[]) => {
    const tier = new SlowTier();
    const client = Client.greeted(tier, keys.length, { believesEdges });
    keys.forEach((onBehalfOf, requestId) => client.say({ ...infer(requestId), onBehalfOf }));
    await settled();
    expect(client.heard).toEqual([]);
    const clients = tier.asked.map(({ request }) => request.origin?.client);
    client.connection.closed();
    return clients.map((one) => clients.indexOf(one));
  };

  test('RQ12: take turns where the edge is believed, which is one of them itself', async () => {
    expect(await clientsOf(true, 'a', 'b', undefined, 'a', 'c', undefined)).toEqual([0, 1, 2, 0, 4, 2]);
  });

  test('RQ12: are one where it is not', async () => {
    expect(await clientsOf(false, 'a', 'b', undefined)).toEqual([0, 0, 0]);
  });

  test('RQ12: a key of more than 64 characters, or of none, is refused', () => {
    for (const onBehalfOf of ['', 'k'.repeat(65), 5]) {
      const client = Client.greeted(undefined, 4, { believesEdges: true });
      client.say({ ...infer(1), onBehalfOf });
      expect(client.last).toMatchObject({ type: 'error', code: 'BAD_MESSAGE' });
    }
  });

  test('are told apart by the thousand, and no more: their number fills no memory', () => {
    const represented = new Represented();
    const first = represented.of('first');
    for (let key = 0; key < 4000; key++) represented.of(`${key}`);
    expect(represented.of('first')).toBe(first);
    for (let key = 0; key < 5000; key++) represented.of(`more ${key}`);
    expect(represented.of('first')).not.toBe(first);
  });
});

describe('Results', () => {
  test('RS1, RS2: the layers run for this request in order with their tier, up to the exit', async () => {
    const client = Client.greeted(fakeLadder({ name: 'edge', manifest }));
    client.say(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await settled();
    const steps = Array.from({ length: 8 }, (_, index) => ({ layer: index + 1, tier: 'edge' }));
    expect(client.heard).toMatchObject([{ type: 'result', requestId: 1, tokens: 4, steps, crossings: [] }]);
  });
});
