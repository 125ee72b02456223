import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PROTOCOL_VERSION } from './limits';
import { fakeLadder } from '../testing/fake-ladder';
import { Client, frame, HELLO, infer, manifest, settled } from '../testing/connection-client';

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

describe('Results', () => {
  test('RS1, RS2: the layers run for this request in order with their tier, up to the exit', async () => {
    const client = Client.greeted(fakeLadder({ name: 'edge', manifest }));
    client.say(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await settled();
    const steps = Array.from({ length: 8 }, (_, index) => ({ layer: index + 1, tier: 'edge' }));
    expect(client.heard).toMatchObject([{ type: 'result', requestId: 1, tokens: 4, steps, crossings: [] }]);
  });
});
