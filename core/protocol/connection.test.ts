import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../errors';
import { HeldStates } from '../ladder/held-states';
import type { InferRequest, InferResult, Tier } from '../ladder/tier';
import { variantOf } from '../model/manifest';
import { LIMITS, PROTOCOL_VERSION } from './limits';
import { parseServerMessage, type ServerMessage } from './messages';
import { encodeTensorFrame } from './tensor-frame';
import { fakeCodecs } from '../testing/fake-codecs';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { FakeRuntime, fakeState } from '../testing/fake-runtime';
import { gate } from '../testing/gate';
import { Connection } from './connection';

const manifest = fakeManifest();
const codecs = fakeCodecs(manifest);
await codecs.loadAll();
const HELLO = { type: 'hello', protocol: PROTOCOL_VERSION, modelHash: manifest.hash, variant: 'q8', client: 'test' };
const RESULT: InferResult = {
  tokens: 4,
  steps: [{ layer: 5, tier: 'edge', logits: [1, -1], computeMs: 2 }],
  crossings: [],
  queueMs: 0,
};

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

/** Lets everything happen that needs no time. */
const settled = () => vi.advanceTimersByTimeAsync(0);

/** A connection over a socket that writes down what is sent and how it is closed. */
class Client {
  readonly heard: ServerMessage[] = [];
  readonly log: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly connection: Connection;

  constructor(tier: Tier = { infer: () => Promise.resolve(RESULT) }, maxInFlight = 4) {
    const socket = {
      send: (message: string) => void this.heard.push(parseServerMessage(message)),
      close: (code: number, reason: string) => (this.closed ??= { code, reason }),
    };
    this.connection = new Connection(socket, {
      name: 'edge',
      manifest,
      codecs,
      tierOf: (variant) => {
        variantOf(manifest, variant);
        return tier;
      },
      maxInFlight,
      retryAfterMs: () => 70,
      now: () => Date.now(),
      log: (line) => this.log.push(line),
    });
  }

  static greeted(tier?: Tier, maxInFlight?: number): Client {
    const client = new Client(tier, maxInFlight);
    client.say(HELLO);
    client.heard.length = 0;
    return client;
  }

  say(message: object | string | Uint8Array): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.connection.receive(isRaw ? message : JSON.stringify(message));
  }

  get last(): ServerMessage | undefined {
    return this.heard.at(-1);
  }
}

/** A tier that answers when it is told to, and writes down what it was asked. */
class SlowTier implements Tier {
  readonly asked: { request: InferRequest; signal: AbortSignal; answer: () => void }[] = [];

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { opened, open } = gate();
    this.asked.push({ request, signal, answer: open });
    signal.addEventListener('abort', open);
    await opened;
    signal.throwIfAborted();
    return RESULT;
  }
}

const infer = (requestId: number, changes: Partial<Record<keyof InferRequest, unknown>> = {}) => ({
  type: 'infer',
  requestId,
  ...fakeRequest(),
  ...changes,
});
const afterMobile = { priorLogits: new Array<number[]>(4).fill([0, 0]), input: { kind: 'hiddenState' } };
const frame = (requestId: number, startLayer = 5) =>
  encodeTensorFrame({ requestId, startLayer, dtype: 'float32', state: fakeState(manifest, 1, 4) });

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

describe('Requests', () => {
  test('RQ1: an infer is handed to the tier whole, and answered by its result', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(7, { payloadDtype: 'int8', deadlineMs: 500 }));
    expect(tier.asked[0]?.request).toEqual(fakeRequest({ payloadDtype: 'int8', deadlineMs: 500 }));
    tier.asked[0]?.answer();
    await settled();
    expect(client.heard).toEqual([{ type: 'result', requestId: 7, ...RESULT }]);
  });

  test.each([
    [{ kind: 'text', texts: ['one', 'two'] }, []],
    [{ kind: 'held' }, [[0, 0]]],
  ])('RQ2: input %j needs no frame', (input, priorLogits) => {
    const tier = new SlowTier();
    Client.greeted(tier).say(infer(1, { input, priorLogits }));
    expect(tier.asked[0]?.request.input).toEqual(input);
  });

  test('RQ3, TF8: a coded frame is read through the codec of its layer', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1, { ...afterMobile, payloadDtype: 'coded96' }));
    const dtype = await codecs.dtypeAfter(4, 'coded96');
    client.say(encodeTensorFrame({ requestId: 1, startLayer: 5, dtype, state: fakeState(manifest, 1, 4) }));
    const input = tier.asked[0]?.request.input;
    expect(input?.kind === 'hiddenState' && input.state.data.map(Math.round)).toEqual(fakeState(manifest, 1, 4).data);
  });

  test('RQ3: an infer with a hidden state waits for its tensor frame', () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1, afterMobile));
    expect(tier.asked).toEqual([]);
    client.say(frame(1));
    expect(tier.asked[0]?.request.input).toEqual({ kind: 'hiddenState', state: fakeState(manifest, 1, 4) });
  });

  test.each([
    ['another infer', JSON.stringify(infer(2))],
    ['a ping', '{"type":"ping","id":1}'],
    ['the cancel of it', '{"type":"cancel","requestId":1}'],
    ['a frame of another request', frame(2)],
    ['a frame of another layer', frame(1, 6)],
  ])('RQ3: %s in the place of the frame is answered BAD_MESSAGE and closed with 1002', (_, message) => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1, afterMobile));
    client.say(message);
    expect(client.heard).toMatchObject([{ type: 'error', code: 'BAD_MESSAGE' }]);
    expect(client.last).not.toHaveProperty('requestId');
    expect(client.closed?.code).toBe(1002);
    expect(tier.asked).toEqual([]);
  });

  test('RQ3: a frame nobody announced is answered BAD_MESSAGE and closed with 1002', () => {
    const client = Client.greeted();
    client.say(infer(1, afterMobile));
    client.say(frame(1));
    client.say(frame(1));
    expect(client.last).toMatchObject({ type: 'error', code: 'BAD_MESSAGE' });
    expect(client.closed?.code).toBe(1002);
  });

  test('RQ4: a second request in flight of the same id is answered BAD_MESSAGE; the first goes on', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1));
    client.say(infer(1, afterMobile));
    client.say(frame(1));
    expect(client.heard).toMatchObject([{ type: 'error', requestId: 1, code: 'BAD_MESSAGE' }]);
    expect(tier.asked).toHaveLength(1);
    tier.asked[0]?.answer();
    await settled();
    expect(client.last).toMatchObject({ type: 'result', requestId: 1 });
    client.say(infer(1));
    expect(tier.asked).toHaveLength(2);
    expect(client.closed).toBeUndefined();
  });

  test('RQ4: the same id may be sent again on a new socket', () => {
    const tier = new SlowTier();
    const [before, after] = [Client.greeted(tier), Client.greeted(tier)];
    before.say(infer(1));
    after.say(infer(1));
    expect(tier.asked).toHaveLength(2);
  });

  test('RQ5: every request is answered exactly once, in any order', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    for (const id of [1, 2, 3]) client.say(infer(id));
    for (const index of [2, 0, 1]) {
      tier.asked[index]?.answer();
      await settled();
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.heard.map((message) => message.type === 'result' && message.requestId)).toEqual([3, 1, 2]);
  });

  test('RQ6: cancel stops a request before its next layer and is not answered', async () => {
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => (layer === 3 ? third.opened : undefined) });
    const third = gate();
    const client = Client.greeted(fakeLadder({ name: 'edge', manifest, runtime }));
    client.say(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await settled();
    client.say({ type: 'cancel', requestId: 1 });
    third.open();
    await settled();
    expect(runtime.layersRun).toEqual([1, 2, 3]);
    expect(client.heard).toEqual([]);
  });

  test('RQ6: a cancelled request is not answered even where its last layer was running, and its id is free', async () => {
    const answers: (() => void)[] = [];
    const deaf: Tier = { infer: () => new Promise((resolve) => answers.push(() => resolve(RESULT))) };
    const client = Client.greeted(deaf);
    client.say(infer(1));
    client.say({ type: 'cancel', requestId: 1 });
    client.say(infer(1));
    answers[0]?.();
    await settled();
    expect(client.heard).toEqual([]);
    answers[1]?.();
    await settled();
    expect(client.heard).toMatchObject([{ type: 'result', requestId: 1 }]);
  });

  test('RQ6: the cancel of an unknown id is ignored', () => {
    const client = Client.greeted();
    client.say({ type: 'cancel', requestId: 99 });
    expect([client.heard, client.closed]).toEqual([[], undefined]);
  });

  test('RQ7: closing the socket cancels its requests', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1));
    client.say(infer(2));
    client.connection.closed();
    await settled();
    expect(tier.asked.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(client.heard).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('RQ8: ping is answered pong at any time after the welcome', () => {
    const client = Client.greeted(new SlowTier());
    client.say(infer(1));
    client.say({ type: 'ping', id: 12 });
    expect(client.heard).toEqual([{ type: 'pong', id: 12 }]);
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
    const bytesOfOne = fakeState(manifest, 1, 5).data.byteLength;
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
    client.say(encodeTensorFrame({ requestId: 1, startLayer: 5, dtype: 'int8', state }));
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
    const dtype = await codecs.dtypeAfter(4, 'coded96');
    client.say(encodeTensorFrame({ requestId: 1, startLayer: 8, dtype, state: fakeState(manifest, 1, 7) }));
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
