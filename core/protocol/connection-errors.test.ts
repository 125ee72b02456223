import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toLayer } from '../layers';
import { DimeeError } from '../errors';
import { HeldStates } from '../ladder/held-states';
import type { Tier } from '../ladder/tier';
import { LIMITS } from './limits';
import { encodeTensorFrame } from './tensor-frame';
import { fakeLadder } from '../testing/fake-ladder';
import { FakeRuntime, fakeState } from '../testing/fake-runtime';
import { afterMobile, Client, codecs, frame, infer, manifest, settled, SlowTier } from '../testing/connection-client';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('Errors', () => {
  const failing = (error: unknown): Tier => ({ infer: () => Promise.reject(error) });

  test('ER1: an error of one request carries its id, and the socket stays open', async () => {
    const client = Client.greeted(failing(new DimeeError('BAD_INPUT', 'no such task')));
    client.say(infer(5));
    await settled();
    const expected = { type: 'error', requestId: 5, code: 'BAD_INPUT', message: 'no such task', retryable: false };
    expect(client.heard).toEqual([expected]);
    expect(client.closed).toBeUndefined();
  });

  test('ER1: after an error without a request nothing more is said or heard', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1));
    client.say('junk');
    expect(client.closed).toEqual({ code: 1002, reason: 'BAD_MESSAGE' });
    client.say(infer(2));
    await settled();
    expect(tier.asked.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(client.heard).toHaveLength(1);
  });

  test('ER2: more than the client’s share in flight is OVERLOADED, retryable after retryAfterMs', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier, 2);
    for (const id of [1, 2, 3]) client.say(infer(id));
    const refusal = { type: 'error', requestId: 3, code: 'OVERLOADED', retryable: true, retryAfterMs: 70 };
    expect(client.heard).toMatchObject([refusal]);
    tier.asked[0]?.answer();
    await settled();
    client.say(infer(3));
    expect(tier.asked).toHaveLength(3);
  });

  test('ER2: a client that goes on far beyond its share is cut, and one that is answered in between is not', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier, 2);
    for (let id = 1; id <= 2 + 16; id++) client.say(infer(id));
    expect(client.closed).toBeUndefined();
    tier.asked[0]?.answer();
    await settled();
    client.say(infer(50));
    client.say(infer(51));
    expect(client.closed).toBeUndefined();
    client.say(infer(52));
    expect(client.closed).toEqual({ code: 1008, reason: 'OVERLOADED' });
    expect(client.heard.at(-1)).toMatchObject({ type: 'error', code: 'OVERLOADED', retryable: true });
  });

  test('ER3: a request past its deadline is DEADLINE_EXCEEDED, also while it waits', async () => {
    const client = Client.greeted(new SlowTier());
    client.say(infer(1, { deadlineMs: 300 }));
    await vi.advanceTimersByTimeAsync(290);
    expect(client.heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(client.heard).toMatchObject([{ requestId: 1, code: 'DEADLINE_EXCEEDED', retryable: true }]);
  });

  test('ER3: the deadline counts from the arrival of the infer, not of its frame', async () => {
    const client = Client.greeted(new SlowTier());
    client.say(infer(1, { ...afterMobile, deadlineMs: 300 }));
    await vi.advanceTimersByTimeAsync(250);
    client.say(frame(1));
    await vi.advanceTimersByTimeAsync(60);
    expect(client.heard).toMatchObject([{ requestId: 1, code: 'DEADLINE_EXCEEDED' }]);
  });

  test('ER4: a state that was dropped to make room is STATE_NOT_HELD; the others climb on', async () => {
    const bytesOfOne = fakeState(manifest, 1, toLayer(5)).data.byteLength;
    const runtime = new FakeRuntime({ manifest });
    const client = Client.greeted(
      fakeLadder({ name: 'edge', manifest, runtime, heldStates: new HeldStates(bytesOfOne) }),
    );
    const policy = (edgeThreshold: number) => ({ id: 'confidence', parameters: { edgeThreshold } });
    for (const [id, sampleKey] of ['old', 'new'].entries()) {
      client.say(infer(id, { ...afterMobile, sampleKey, policy: policy(0) }));
      client.say(frame(id));
      await settled();
    }
    const held = { input: { kind: 'held' }, priorLogits: new Array<number[]>(5).fill([0, 0]), policy: policy(1) };
    const plan = { mobileLayers: 4, edgeLayers: 12 };
    client.say(infer(2, { ...held, sampleKey: 'old', plan }));
    client.say(infer(3, { ...held, sampleKey: 'new', plan }));
    await settled();
    expect(client.heard.slice(2)).toMatchObject([
      { type: 'error', requestId: 2, code: 'STATE_NOT_HELD' },
      { type: 'result', requestId: 3 },
    ]);
    expect(runtime.layersRun).toEqual([5, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('ER5: a tier above that does not answer is TIER_UNAVAILABLE and retryable', async () => {
    const client = Client.greeted(failing(new DimeeError('TIER_UNAVAILABLE', 'no cloud', { retryable: true })));
    client.say(infer(1));
    await settled();
    expect(client.last).toMatchObject({ requestId: 1, code: 'TIER_UNAVAILABLE', retryable: true });
  });

  test.each([
    ['task', { task: 'poetry' }],
    ['policy', { policy: { id: 'hope', parameters: {} } }],
    ['parameter', { policy: { id: 'confidence', parameters: { courage: 1 } } }],
    ['plan', { plan: { mobileLayers: 4, edgeLayers: 40 } }],
  ])('ER6: an unknown %s is BAD_INPUT', async (_, changes) => {
    const client = Client.greeted(fakeLadder({ name: 'edge', manifest }));
    client.say(infer(1, changes));
    await settled();
    expect(client.heard).toMatchObject([{ type: 'error', requestId: 1, code: 'BAD_INPUT' }]);
    expect(client.closed).toBeUndefined();
  });

  test('ER6: a hidden state of another model’s size is BAD_INPUT', async () => {
    const client = Client.greeted(fakeLadder({ name: 'edge', manifest }));
    const state = { tokens: 3, hidden: 4, data: new Float32Array(12) };
    client.say(infer(1, afterMobile));
    client.say(encodeTensorFrame({ requestId: 1, startLayer: toLayer(5), dtype: 'int8', state }));
    await settled();
    expect(client.heard).toMatchObject([{ type: 'error', requestId: 1, code: 'BAD_INPUT' }]);
  });

  test.each([
    ['a frame over the limits', 'LIMIT_EXCEEDED', (bytes: DataView) => bytes.setUint32(16, LIMITS.maxTokens + 1, true)],
    ['a frame of two samples', 'LIMIT_EXCEEDED', (bytes: DataView) => bytes.setUint32(12, 2, true)],
    ['a frame of no known kind', 'BAD_FRAME', (bytes: DataView) => bytes.setUint32(0, 0, true)],
    [
      'a frame with numbers that are not finite',
      'BAD_FRAME',
      (bytes: DataView) => bytes.setUint32(32, 0x7fc00000, true),
    ],
  ])('ER7: %s is answered %s and closed with 1002', (_, code, spoil) => {
    const client = Client.greeted();
    const bytes = frame(1);
    spoil(new DataView(bytes.buffer));
    client.say(infer(1, afterMobile));
    client.say(bytes);
    expect(client.heard).toMatchObject([{ type: 'error', code }]);
    expect(client.closed).toEqual({ code: 1002, reason: code });
  });

  test('TF8: a coded frame whose codec this tier lacks is answered BAD_FRAME with what to do', async () => {
    const client = Client.greeted();
    client.say(infer(1, { priorLogits: new Array<number[]>(7).fill([0, 0]), input: { kind: 'hiddenState' } }));
    const dtype = await codecs.dtypeAfter(toLayer(4), 'coded96');
    client.say(
      encodeTensorFrame({ requestId: 1, startLayer: toLayer(8), dtype, state: fakeState(manifest, 1, toLayer(7)) }),
    );
    const message = 'Choose another payload, such as int8: this tier has no codec after layer 7.';
    expect(client.heard).toMatchObject([{ type: 'error', code: 'BAD_FRAME', message }]);
    expect(client.closed).toEqual({ code: 1002, reason: 'BAD_FRAME' });
  });

  test.each([
    ['a message over the limits', 'LIMIT_EXCEEDED', 'x'.repeat(LIMITS.maxMessageBytes + 1)],
    ['a message that is no JSON', 'BAD_MESSAGE', '{'],
    ['a message of an unknown type', 'BAD_MESSAGE', '{"type":"train"}'],
    [
      'a text over the limits',
      'BAD_MESSAGE',
      JSON.stringify(infer(1, { input: { kind: 'text', texts: ['x'.repeat(10_001)] } })),
    ],
  ])('ER7: %s is answered %s and closed with 1002', (_, code, message) => {
    const client = Client.greeted();
    client.say(message);
    expect(client.heard).toMatchObject([{ type: 'error', code }]);
    expect(client.closed).toEqual({ code: 1002, reason: code });
  });

  test('a fault of this tier is INTERNAL, and written to the log', async () => {
    const client = Client.greeted(failing(new TypeError('x is not a function')));
    client.say(infer(1));
    await settled();
    expect(client.last).toMatchObject({ requestId: 1, code: 'INTERNAL', retryable: false });
    expect(client.log.at(-1)).toContain('x is not a function');
  });
});
