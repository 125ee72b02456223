import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { DimeeError, hasCode } from '../errors';
import { PAYLOAD_DTYPES } from '../payload/dtypes';
import { randomInt, randomItem, type Random, seededRandom } from '../testing/random';
import { LIMITS } from './limits';
import { encodeError, encodeInfer, encodeResult, parseClientMessage, parseServerMessage } from './messages';

const CLIENT = {
  hello: { type: 'hello', protocol: 1, modelHash: 'abc', variant: 'q8', client: 'page' },
  infer: {
    type: 'infer',
    requestId: 3,
    sampleKey: 'sample-0',
    task: 'sst2',
    policy: { id: 'confidence', parameters: { mobileThreshold: 0.9 } },
    plan: { mobileLayers: 4, edgeLayers: 8 },
    priorLogits: [
      [0.5, -1],
      [2, 1],
    ],
    input: { kind: 'text', texts: ['good film'] },
    payloadDtype: 'int8',
    deadlineMs: 2500.5,
  },
  cancel: { type: 'cancel', requestId: 3 },
  ping: { type: 'ping', id: 9 },
} as const;

const SERVER = {
  welcome: { type: 'welcome', protocol: 1, tier: 'edge', modelHash: 'abc', variant: 'q8', maxInFlight: 8 },
  result: {
    type: 'result',
    requestId: 3,
    tokens: 12,
    steps: [{ layer: toLayer(5), tier: 'edge', logits: [1, -1], computeMs: 3.5 }],
    crossings: [{ from: 'edge', to: 'cloud', afterLayer: toLayer(8), bytesUp: 900, bytesDown: 300, roundTripMs: 20 }],
    queueMs: 0,
  },
  error: { type: 'error', requestId: 3, code: 'OVERLOADED', message: 'Full.', retryable: true, retryAfterMs: 100 },
  pong: { type: 'pong', id: 9 },
} as const;

function failureOfReading(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

/** A copy of a message with the field at a dotted path set, or taken away where the value is undefined. */
function withField(message: object, path: string, value: unknown): object {
  const copy = structuredClone(message);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => Reflect.get(object, key) as object, copy);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
  return copy;
}

describe('messages are written field by field', () => {
  test('RQ1: an infer, without the hidden state that follows in a frame', () => {
    const { type, requestId, deadlineMs, ...request } = CLIENT.infer;
    const state = { tokens: 1, hidden: 2, data: Float32Array.of(1, 2) };
    const written = encodeInfer(
      requestId,
      { ...request, input: { kind: 'hiddenState', state }, deadlineMs: 9 },
      2500.5,
    );
    expect(parseClientMessage(written)).toEqual({
      ...request,
      type,
      requestId,
      deadlineMs,
      input: { kind: 'hiddenState' },
    });
    expect(parseClientMessage(encodeInfer(3, { ...request, deadlineMs: 9, rowSeed: 7 }, 1))).toMatchObject({
      rowSeed: 7,
    });
  });

  test('RS1: a result, without what else a tier knows of the sample', () => {
    const { type, requestId, ...result } = SERVER.result;
    const written = encodeResult(requestId, { ...result, distances: { dimee: [1, 2, 3] } });
    expect(JSON.parse(written)).toEqual({ type, requestId, ...result });
  });

  test('RS5: durations of stays and hops are written to the microsecond, and left out where they are nothing', () => {
    const { requestId, ...result } = SERVER.result;
    const stays = [{ tier: 'edge', totalMs: 12.34567, queueMs: -0.2, embedMs: 0.0004, decodeMs: 1.00049 }] as const;
    const crossings = [{ ...result.crossings[0], waitMs: 0, encodeMs: 0.5 }];
    const written = JSON.parse(encodeResult(requestId, { ...result, crossings, stays })) as object;
    expect(written).toMatchObject({ stays: [{ tier: 'edge', totalMs: 12.346, queueMs: 0, decodeMs: 1 }] });
    expect(JSON.stringify(written)).not.toMatch(/embedMs|waitMs/);
    expect(parseServerMessage(JSON.stringify(written))).toEqual(written);
  });

  test('ER1: an error, of a request or of the connection', () => {
    const { type, requestId, ...error } = SERVER.error;
    expect(JSON.parse(encodeError(requestId, error))).toEqual({ type, requestId, ...error });
    expect(JSON.parse(encodeError(undefined, error))).toEqual({ type, ...error });
  });
});

describe('messages that keep the rules', () => {
  test.each(Object.values(CLIENT))('of the client are read as they were written: $type', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  test.each(Object.values(SERVER))('of the server are read as they were written: $type', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  test.each([
    { kind: 'text', texts: ['a', 'b'] },
    { kind: 'text', texts: [''] },
    { kind: 'hiddenState' },
    { kind: 'held' },
  ])('RQ2: an infer may carry %j', (input) => {
    expect(parseClientMessage(JSON.stringify({ ...CLIENT.infer, input }))).toMatchObject({ input });
  });

  test.each(PAYLOAD_DTYPES)('RQ1: an infer may ask for hidden states as %s', (payloadDtype) => {
    expect(parseClientMessage(JSON.stringify({ ...CLIENT.infer, payloadDtype }))).toMatchObject({ payloadDtype });
  });

  test.each([0, 0xffff_ffff])('RQ1: an infer may bring the seed of its sample (%i)', (rowSeed) => {
    expect(parseClientMessage(JSON.stringify({ ...CLIENT.infer, rowSeed }))).toEqual({ ...CLIENT.infer, rowSeed });
  });

  test('RQ10: an infer may ask for the mobile tier’s layers, too', () => {
    const message = { ...CLIENT.infer, standIn: true };
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
    const { type, requestId, deadlineMs, ...request } = CLIENT.infer;
    const written = encodeInfer(requestId, { ...request, standIn: true, deadlineMs }, deadlineMs);
    expect(parseClientMessage(written)).toMatchObject({ type, standIn: true });
  });

  test.each([-1, 0.25, 1])('RS1: a step may say how much its layer turned the hidden state (%f)', (saturation) => {
    const result = withField(SERVER.result, 'steps.0.saturation', saturation);
    expect(parseServerMessage(JSON.stringify(result))).toEqual(result);
  });

  test('RS3, RS4: a result may say what stays and hops took; one of an older tier says nothing', () => {
    const stays = [
      { tier: 'edge', totalMs: 30, queueMs: 2, decodeMs: 1 },
      { tier: 'cloud', totalMs: 9, queueMs: 0, tokenizeMs: 1, embedMs: 2 },
    ];
    const crossings = [{ ...SERVER.result.crossings[0], waitMs: 1, encodeMs: 0.5, decodeMs: 0.1 }];
    const message = { ...SERVER.result, stays, crossings };
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
    expect(parseServerMessage(JSON.stringify(SERVER.result))).not.toHaveProperty('stays');
  });

  test.each([
    ['stays.0.totalMs', -1],
    ['stays.0.queueMs', 'long'],
    ['stays.0.tier', 'basement'],
    ['stays', new Array(4).fill({ tier: 'edge', totalMs: 1, queueMs: 0 })],
    ['crossings.0.waitMs', -0.1],
    ['crossings.0.decodeMs', null],
  ])('RS3, RS4: a result is refused with %s = %j', (path, value) => {
    const message = { ...SERVER.result, stays: [{ tier: 'edge', totalMs: 30, queueMs: 2 }] };
    const error = failureOfReading(() => parseServerMessage(JSON.stringify(withField(message, path, value))));
    expect(hasCode(error, 'BAD_MESSAGE')).toBe(true);
  });

  test('ER1: an error without a request id is about the connection', () => {
    const parsed = parseServerMessage(JSON.stringify(withField(SERVER.error, 'requestId', undefined)));
    expect(parsed).not.toHaveProperty('requestId');
  });

  test('what nobody asked for is left out, so that a later version may add fields', () => {
    expect(parseClientMessage(JSON.stringify({ ...CLIENT.ping, mood: 'good' }))).toEqual(CLIENT.ping);
  });

  test('the smallest values are within the limits', () => {
    const infer = {
      ...CLIENT.infer,
      ...{ requestId: 0, sampleKey: 's', task: 't', priorLogits: [], deadlineMs: 0 },
      policy: { id: 'p', parameters: {} },
      plan: { mobileLayers: 1, edgeLayers: 1 },
    };
    expect(parseClientMessage(JSON.stringify(infer))).toEqual(infer);
  });

  test('the limits themselves are within the limits', () => {
    const infer = {
      ...CLIENT.infer,
      requestId: 0xffff_ffff,
      priorLogits: new Array<number[]>(LIMITS.maxLayers).fill([0, 1]),
      input: { kind: 'text', texts: ['x'.repeat(LIMITS.maxTextLength)] },
      deadlineMs: LIMITS.maxDeadlineMs,
    };
    expect(parseClientMessage(JSON.stringify(infer))).toEqual(infer);
  });
});

describe('a message that breaks a rule is BAD_MESSAGE and names the field', () => {
  const long = 'x'.repeat(129);
  const manyLogits = new Array<number[]>(LIMITS.maxLayers + 1).fill([0, 1]);
  const manySteps = new Array<unknown>(LIMITS.maxLayers + 1).fill(SERVER.result.steps[0]);

  test.each<[keyof typeof CLIENT, string, unknown]>([
    ['hello', 'type', 'hullo'],
    ['hello', 'type', undefined],
    ['hello', 'protocol', '1'],
    ['hello', 'protocol', 1.5],
    ['hello', 'modelHash', undefined],
    ['hello', 'modelHash', ''],
    ['hello', 'variant', 8],
    ['hello', 'client', long],
    ['infer', 'requestId', -1],
    ['infer', 'requestId', 2 ** 32],
    ['infer', 'requestId', 0.5],
    ['infer', 'requestId', undefined],
    ['infer', 'sampleKey', ''],
    ['infer', 'sampleKey', long],
    ['infer', 'task', null],
    ['infer', 'policy', 'confidence'],
    ['infer', 'policy.id', undefined],
    ['infer', 'policy.parameters', undefined],
    ['infer', 'policy.parameters.mobileThreshold', '0.9'],
    ['infer', 'policy.parameters.mobileThreshold', null],
    ['infer', 'rowSeed', -1],
    ['infer', 'rowSeed', 2 ** 32],
    ['infer', 'rowSeed', 0.5],
    ['infer', 'standIn', false],
    ['infer', 'plan.mobileLayers', 0],
    ['infer', 'plan.edgeLayers', LIMITS.maxLayers + 1],
    ['infer', 'plan.edgeLayers', 1.5],
    ['infer', 'priorLogits', manyLogits],
    ['infer', 'priorLogits', null],
    ['infer', 'priorLogits.1', [1]],
    ['infer', 'priorLogits.1', new Array<number>(LIMITS.maxClasses + 1).fill(0)],
    ['infer', 'priorLogits.1.0', null],
    ['infer', 'input', undefined],
    ['infer', 'input.kind', 'smoke'],
    ['infer', 'input.texts', []],
    ['infer', 'input.texts', ['a', 'b', 'c']],
    ['infer', 'input.texts', ['x'.repeat(LIMITS.maxTextLength + 1)]],
    ['infer', 'payloadDtype', 'int3'],
    ['infer', 'deadlineMs', -1],
    ['infer', 'deadlineMs', LIMITS.maxDeadlineMs + 1],
    ['infer', 'deadlineMs', null],
    ['infer', 'traceparent', '00-abc-def-01'],
    ['infer', 'traceparent', `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['cancel', 'requestId', 'all'],
    ['ping', 'id', null],
    ['ping', 'id', -1],
  ])('client, %s: %s = %j', (type, path, value) => {
    const parse = () => parseClientMessage(JSON.stringify(withField(CLIENT[type], path, value)));
    expect(parse).toThrow(DimeeError);
    expect(parse).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }));
    expect(parse).toThrow(`not valid at “${path}`);
  });

  test.each<[keyof typeof SERVER, string, unknown]>([
    ['welcome', 'type', 'hello'],
    ['welcome', 'protocol', null],
    ['welcome', 'tier', 'basement'],
    ['welcome', 'modelHash', long],
    ['welcome', 'variant', undefined],
    ['welcome', 'maxInFlight', 0],
    ['welcome', 'traces', 'yes'],
    ['result', 'requestId', undefined],
    ['result', 'tokens', -1],
    ['result', 'tokens', 1.5],
    ['result', 'steps', []],
    ['result', 'steps', manySteps],
    ['result', 'steps.0.layer', 0],
    ['result', 'steps.0.tier', 'moon'],
    ['result', 'steps.0.logits', [1]],
    ['result', 'steps.0.logits.1', null],
    ['result', 'steps.0.saturation', 1.01],
    ['result', 'steps.0.saturation', null],
    ['result', 'steps.0.computeMs', -1],
    ['result', 'crossings', undefined],
    ['result', 'crossings.0.from', ''],
    ['result', 'crossings.0.to', undefined],
    ['result', 'crossings.0.afterLayer', -1],
    ['result', 'crossings.0.bytesUp', 0.5],
    ['result', 'crossings.0.bytesDown', -1],
    ['result', 'crossings.0.roundTripMs', null],
    ['result', 'queueMs', '0'],
    ['error', 'requestId', -1],
    ['error', 'code', 'overloaded'],
    ['error', 'code', 7],
    ['error', 'code', 'X'.repeat(65)],
    ['error', 'message', undefined],
    ['error', 'retryable', 'yes'],
    ['error', 'retryAfterMs', -5],
    ['pong', 'id', undefined],
  ])('server, %s: %s = %j', (type, path, value) => {
    const parse = () => parseServerMessage(JSON.stringify(withField(SERVER[type], path, value)));
    expect(parse).toThrow(DimeeError);
    expect(parse).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }));
    expect(parse).toThrow(`not valid at “${path}`);
  });

  test.each(['', '{', 'undefined', '{"type":"ping","id":NaN}'])('text that is not JSON (%j)', (json) => {
    expect(() => parseClientMessage(json)).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }));
    expect(() => parseClientMessage(json)).toThrow('must be JSON');
  });

  test.each(['null', '7', '"ping"', '[]', 'true'])('JSON that is no message (%s)', (json) => {
    expect(() => parseServerMessage(json)).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }));
  });

  test('a message of the other direction', () => {
    expect(() => parseServerMessage(JSON.stringify(CLIENT.hello))).toThrow('not valid at “type”');
    expect(() => parseClientMessage(JSON.stringify(SERVER.pong))).toThrow('not valid at “type”');
  });
});

test('ER7: a message over maxMessageBytes is LIMIT_EXCEEDED and is not parsed', () => {
  const json = `${' '.repeat(LIMITS.maxMessageBytes)}{`;
  expect(() => parseClientMessage(json)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
});

describe('fuzz', () => {
  /** Anything JSON can hold. */
  function junk(random: Random, depth = 3): unknown {
    const scalars = [null, true, false, 0, -1, 1.5, 1e300, '', 'text', 'hello', 'sst2', '__proto__'];
    if (depth === 0 || random() < 0.5) return randomItem(random, scalars);
    const children = Array.from({ length: randomInt(random, 0, 3) }, () => junk(random, depth - 1));
    if (random() < 0.5) return children;
    const keys = ['type', 'requestId', 'kind', 'input', 'constructor', '__proto__'];
    return Object.fromEntries(children.map((child) => [randomItem(random, keys), child]));
  }

  /** A copy with one field, however deep, replaced by junk. */
  function damaged(random: Random, value: unknown): unknown {
    if (typeof value !== 'object' || value === null || random() < 0.15) return junk(random);
    const entries: [string, unknown][] = Object.entries(value);
    const at = randomInt(random, 0, entries.length - 1);
    const copy = entries.map(([key, child], index) => [key, index === at ? damaged(random, child) : child]);
    return Array.isArray(value) ? copy.map(([, child]) => child) : Object.fromEntries(copy);
  }

  function survives(parse: (json: string) => unknown, json: string): void {
    try {
      parse(json);
    } catch (error) {
      if (!hasCode(error, 'BAD_MESSAGE') && !hasCode(error, 'LIMIT_EXCEEDED')) throw error;
    }
  }

  test('3,000 damaged messages are read or refused by name', () => {
    const random = seededRandom(17);
    for (let round = 0; round < 1500; round++) {
      survives(parseClientMessage, JSON.stringify(damaged(random, randomItem(random, Object.values(CLIENT)))));
      survives(parseServerMessage, JSON.stringify(damaged(random, randomItem(random, Object.values(SERVER)))));
    }
  });

  test('2,000 texts with characters lost or changed are read or refused by name', () => {
    const random = seededRandom(18);
    for (let round = 0; round < 2000; round++) {
      const json = JSON.stringify(randomItem(random, Object.values(CLIENT)));
      const at = randomInt(random, 0, json.length);
      const change = randomItem(random, ['', '"', '}', '9', '\\', '\u0000', 'é']);
      survives(parseClientMessage, json.slice(0, at) + change + json.slice(at + randomInt(random, 0, 3)));
    }
  });
});
