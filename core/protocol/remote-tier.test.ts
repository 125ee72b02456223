import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DimeeError, errorData, isAbort } from '../errors';
import type { InferRequest, InferResult } from '../ladder/tier';
import { fakeCodecs } from '../testing/fake-codecs';
import { fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeState } from '../testing/fake-runtime';
import { fakeNetwork, type FakeSocket } from '../testing/socket-pair';
import { LIMITS } from './limits';
import { type LinkStatus, websocketBytes } from './link';
import { RemoteTier, type RemoteTierOptions } from './remote-tier';
import { decodeTensorFrame } from './tensor-frame';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new AbortController().signal;
const text = (sample = 0) =>
  fakeRequest({ sampleKey: `sample-${sample}`, input: { kind: 'text', texts: [`sample ${sample}`] } });
const afterMobile = fakeRequest({
  priorLogits: new Array<number[]>(4).fill([0.5, 0]),
  input: { kind: 'hiddenState', state: fakeState(fakeManifest(), 1, 4, 3) },
});
const steps = [{ layer: 1, tier: 'edge', logits: [1, 0], computeMs: 2 }] as const;
const answer = { tokens: 5, steps, crossings: [], queueMs: 1 } as const;
const mismatch = { type: 'error', code: 'MODEL_MISMATCH', message: 'Another model runs here.', retryable: false };

/** Time passes, and with it everything that was on its way. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** How a promise stands, without waiting for it. */
function outcomeOf(promise: Promise<InferResult>) {
  const outcome: { result?: InferResult; error?: unknown } = {};
  promise.then(
    (result) => (outcome.result = result),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

/** What a server that keeps the rules, and answers no request by itself, does with a message. */
function politely(server: FakeSocket, maxInFlight = 8): void {
  server.onmessage = ({ data }) => {
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as { type: string; id?: number };
    if (message.type === 'hello') say(server, welcome(maxInFlight));
    if (message.type === 'ping') say(server, { type: 'pong', id: message.id });
  };
}

const welcome = (maxInFlight = 8) => ({
  ...{ type: 'welcome', protocol: 1, tier: 'edge', modelHash: 'hash', variant: 'q8' },
  maxInFlight,
});

function say(server: FakeSocket | undefined, message: object): void {
  server?.send(JSON.stringify(message));
}

type Accept = Parameters<typeof fakeNetwork>[0];

/** A remote tier, its server’s ends of all connections so far, and every status it has reported. */
function dial(accept: Accept = (server) => void politely(server), options: Partial<RemoteTierOptions> = {}) {
  const { openSocket, connections } = fakeNetwork(accept);
  const statuses: LinkStatus[] = [];
  const tier = new RemoteTier({
    ...{ url: 'ws://edge/v1/tier', from: 'mobile', to: 'edge', modelHash: 'hash', variant: 'q8', client: 'test' },
    openSocket,
    now: () => performance.now(),
    onStatus: (status) => statuses.push(status),
    ...options,
  });
  return {
    tier,
    statuses,
    connections,
    server: () => connections.at(-1)?.server,
    infer: (request: InferRequest = text(), signal = never()) => outcomeOf(tier.infer(request, signal)),
    /** Ids of the requests sent on the latest connection, in order. */
    sentIds: () => requestIds(connections.at(-1)?.client, 'infer'),
    cancelledIds: () => requestIds(connections.at(-1)?.client, 'cancel'),
    /** Answers a request with its own id as its number of tokens. */
    reply: (requestId: number) =>
      say(connections.at(-1)?.server, { type: 'result', requestId, ...answer, tokens: requestId }),
    fail: (requestId: number | undefined, error: object) =>
      say(connections.at(-1)?.server, { type: 'error', requestId, message: 'no', retryable: false, ...error }),
  };
}

function requestIds(client: FakeSocket | undefined, type: string): number[] {
  return (client?.sentMessages ?? [])
    .filter((message) => message.type === type)
    .map((message) => Number(message.requestId));
}

/** A dialled tier whose handshake is done. */
async function connected(maxInFlight = 8, options: Partial<RemoteTierOptions> = {}) {
  const link = dial((server) => void politely(server, maxInFlight), options);
  await pass();
  return link;
}

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

describe('requests', () => {
  test('RQ1: an infer is the request as JSON with an id', async () => {
    const link = await connected();
    link.infer(text(3));
    const [infer] = (link.connections[0]?.client.sentMessages ?? []).filter((message) => message.type === 'infer');
    expect(infer).toEqual({ type: 'infer', requestId: link.sentIds()[0], ...text(3) });
    link.tier.close();
  });

  test('RQ3: a hidden state follows its infer at once, as the tensor frame of the same id', async () => {
    const link = await connected();
    link.infer(afterMobile);
    const [infer, frame] = (link.connections[0]?.client.sent ?? []).slice(-2);
    expect(JSON.parse(String(infer))).toMatchObject({ type: 'infer', input: { kind: 'hiddenState' } });
    expect(String(infer)).not.toContain('state"');
    expect(decodeTensorFrame(frame as Uint8Array)).toEqual({
      requestId: link.sentIds()[0],
      startLayer: 5,
      dtype: 'float32',
      state: fakeState(fakeManifest(), 1, 4, 3),
    });
    link.tier.close();
  });

  describe('TF9: a coded payload', () => {
    const coded = { ...afterMobile, payloadDtype: 'coded96' } as const;
    const codecs = fakeCodecs(fakeManifest());
    const sentFrames = ({ connections }: Awaited<ReturnType<typeof connected>>) =>
      (connections[0]?.client.sent ?? []).filter((message) => typeof message !== 'string');

    test('goes through the codec of the layer, once that has been read', async () => {
      const link = await connected(8, { codecs });
      link.infer(coded);
      expect(link.sentIds()).toEqual([]);
      await pass();
      const [frame] = sentFrames(link);
      const { dtype, state } = decodeTensorFrame(frame as Uint8Array, codecs);
      expect(dtype).toBe(codecs.get(4));
      expect(state.data.map(Math.round)).toEqual(fakeState(fakeManifest(), 1, 4, 3).data);
      expect(frame?.length).toBeLessThanOrEqual(32 + 3 * 96);
      link.tier.close();
    });

    test.each([
      ['after a layer without one', 8, { codecs }],
      ['without any', 4, {}],
    ])('%s crosses as int8, and its infer still names what was chosen', async (_, afterLayer, options) => {
      const link = await connected(8, options);
      link.infer({ ...coded, priorLogits: new Array<number[]>(afterLayer).fill([0.5, 0]) });
      await pass();
      expect(decodeTensorFrame(sentFrames(link)[0] as Uint8Array).dtype).toBe('int8');
      const infer = link.connections[0]?.client.sentMessages.find(({ type }) => type === 'infer');
      expect(infer).toMatchObject({ payloadDtype: 'coded96' });
      link.tier.close();
    });

    test('needs no codec for a text or a state that is held there', async () => {
      const dtypeAfter = vi.fn(() => Promise.reject(new Error('not asked')));
      const link = await connected(8, { codecs: { dtypeAfter } });
      link.infer({ ...text(), payloadDtype: 'coded96' });
      link.infer({ ...coded, input: { kind: 'held' } });
      expect(link.sentIds()).toHaveLength(2);
      expect(dtypeAfter).not.toHaveBeenCalled();
      link.tier.close();
    });

    test('fails with its codec, alone', async () => {
      const gone = new DimeeError('MODEL_UNAVAILABLE', 'The codec cannot be fetched.');
      const link = await connected(8, { codecs: { dtypeAfter: () => Promise.reject(gone) } });
      const [failing, other] = [link.infer(coded), link.infer()];
      await pass();
      expect(failing.error).toBe(gone);
      expect(link.sentIds()).toHaveLength(1);
      link.reply(link.sentIds()[0] ?? 0);
      await pass();
      expect(other.result).toBeDefined();
      link.tier.close();
    });

    test('that waits for its codec is stopped and timed out as any other', async () => {
      const link = await connected(8, { codecs: { dtypeAfter: () => new Promise(() => undefined) } });
      const stop = new AbortController();
      const [stopped, late] = [link.infer(coded, stop.signal), link.infer({ ...coded, deadlineMs: 500 })];
      stop.abort();
      await pass();
      expect(isAbort(stopped.error)).toBe(true);
      await pass(600);
      expect(late.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(link.sentIds()).toEqual([]);
      link.tier.close();
    });

    test('that is stopped while its codec is read is not sent when it is there', async () => {
      const link = await connected(8, { codecs });
      const stop = new AbortController();
      link.infer(coded, stop.signal);
      stop.abort();
      await pass();
      expect(link.sentIds()).toEqual([]);
      link.tier.close();
    });
  });

  test('RQ4: every request has an id of its own', async () => {
    const link = await connected(50);
    for (let sample = 0; sample < 40; sample++) link.infer(text(sample));
    expect(new Set(link.sentIds()).size).toBe(40);
    link.tier.close();
  });

  test('HS5: no more than maxInFlight are sent at once; each answer lets the next one go, oldest first', async () => {
    const link = await connected(2);
    for (let sample = 0; sample < 5; sample++) link.infer(text(sample));
    expect(link.sentIds()).toHaveLength(2);
    link.reply(link.sentIds()[1] ?? 0);
    await pass();
    expect(link.sentIds()).toHaveLength(3);
    link.fail(link.sentIds()[0], { code: 'BAD_INPUT' });
    await pass();
    expect(link.sentIds()).toHaveLength(4);
    const keys = (link.connections[0]?.client.sentMessages ?? []).flatMap((message) => message.sampleKey ?? []);
    expect(keys).toEqual(['sample-0', 'sample-1', 'sample-2', 'sample-3']);
    link.tier.close();
  });

  test('RQ5: answers in any order reach the requests they belong to', async () => {
    const link = await connected();
    const outcomes = [0, 1, 2].map((sample) => link.infer(text(sample)));
    const ids = link.sentIds();
    for (const index of [2, 0, 1]) link.reply(ids[index] ?? 0);
    await pass();
    expect(outcomes.map((outcome) => outcome.result?.tokens)).toEqual(ids);
    link.tier.close();
  });

  test('RS1: the answer is the server’s, with this hop before the ones beyond', async () => {
    const link = await connected();
    const outcome = link.infer(afterMobile);
    const [infer = '', frame] = (link.connections[0]?.client.sent ?? []).slice(-2);
    await pass(35);
    const further = { from: 'edge', to: 'cloud', afterLayer: 8, bytesUp: 1, bytesDown: 2, roundTripMs: 3 };
    const result = { type: 'result', requestId: link.sentIds()[0], ...answer, crossings: [further] };
    say(link.server(), result);
    await pass();
    const hop = {
      ...{ from: 'mobile', to: 'edge', afterLayer: 4 },
      // Text frames of 126 bytes and more have 4 bytes of header; a client’s mask takes 4 more. 128 = 32 + 3·8·4.
      bytesUp: infer.length + 8 + 128 + 8,
      bytesDown: JSON.stringify(result).length + 4,
      roundTripMs: 35,
    };
    expect(frame).toHaveLength(128);
    expect(outcome.result).toEqual({ ...answer, crossings: [hop, further] });
    link.tier.close();
  });

  test('bytes are those of UTF-8', async () => {
    const link = await connected();
    const outcome = link.infer(fakeRequest({ input: { kind: 'text', texts: ['naïve 模型'] } }));
    const json = String(link.connections[0]?.client.sent.at(-1));
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(outcome.result?.crossings[0]?.bytesUp).toBe(json.length + 1 + 4 + 8);
    link.tier.close();
  });

  test('an error with a request’s id is that request’s alone, rebuilt by its code', async () => {
    const link = await connected();
    const [failing, other] = [link.infer(text(1)), link.infer(text(2))];
    link.fail(link.sentIds()[0], { code: 'STATE_NOT_HELD', message: 'Send it again.' });
    await pass();
    expect(failing.error).toBeInstanceOf(DimeeError);
    expect(errorData(failing.error)).toEqual({
      ...{ code: 'STATE_NOT_HELD', message: 'Send it again.', retryable: false, retryAfterMs: undefined },
    });
    expect(other).toEqual({});
    link.tier.close();
  });

  test('TF5: a hidden state that cannot be sent fails alone and leaves no trace', async () => {
    const link = await connected(1);
    const state = { tokens: 1, hidden: 8, data: new Float32Array(8).fill(NaN) };
    const broken = link.infer({ ...afterMobile, input: { kind: 'hiddenState', state } });
    const next = link.infer();
    await pass();
    expect(broken.error).toMatchObject({ code: 'BAD_FRAME' });
    expect(link.sentIds()).toHaveLength(1);
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(next.result).toBeDefined();
    link.tier.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what nobody asked for is ignored: unknown ids, binary messages, unexpected pongs', async () => {
    const link = await connected();
    const outcome = link.infer();
    link.reply(999);
    link.fail(998, { code: 'INTERNAL' });
    link.server()?.send(new Uint8Array(40));
    say(link.server(), { type: 'pong', id: 12_345 });
    await pass();
    expect(outcome).toEqual({});
    expect(link.connections).toHaveLength(1);
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(outcome.result).toBeDefined();
    link.tier.close();
  });
});

describe('ER2: an overloaded tier', () => {
  test('gets the request again, under its id, after the time it asked for and not before', async () => {
    const link = await connected();
    const outcome = link.infer();
    const [id = 0] = link.sentIds();
    link.fail(id, { code: 'OVERLOADED', retryable: true, retryAfterMs: 300 });
    await pass(299);
    link.infer(text(2));
    expect(link.sentIds()).toEqual([id, expect.any(Number)]);
    await pass(2);
    expect(link.sentIds().filter((sent) => sent === id)).toHaveLength(2);
    link.reply(id);
    await pass();
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

  test('a server’s orderly close is a lost connection too', async () => {
    const link = await connected();
    const outcome = link.infer();
    link.server()?.close(1001, 'going away');
    await pass(150);
    expect(outcome).toEqual({});
    expect(link.sentIds()).toHaveLength(1);
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

describe('close', () => {
  test.each<[string, () => ReturnType<typeof dial>, number]>([
    ['while it connects', () => dial(() => 'hang'), 10],
    ['before the welcome', () => dial(() => undefined), 10],
    ['while it is open', () => dial(), 10],
    ['between two attempts', () => dial(() => 'refuse'), 50],
    ['while the tier is down', () => dial(() => 'refuse', { patienceMs: 100 }), 1000],
    [
      'after a lost connection',
      () => dial((server) => void (politely(server), setTimeout(() => server.lose(), 5))),
      20,
    ],
    [
      'while an overloaded tier is left alone',
      () =>
        dial((server) => {
          politely(server);
          setTimeout(() => {
            say(server, { ...mismatch, requestId: 1, code: 'OVERLOADED', retryable: true, retryAfterMs: 60_000 });
          }, 5);
        }),
      20,
    ],
  ])('%s fails what is pending and leaves no timer', async (_, start, ms) => {
    const link = start();
    const pending = link.infer();
    await pass(ms);
    link.tier.close();
    await pass();
    expect(pending.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    expect(vi.getTimerCount()).toBe(0);
    const count = link.connections.length;
    await pass(60_000);
    expect(link.connections).toHaveLength(count);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends the socket with 1000', async () => {
    const link = await connected();
    link.tier.close();
    await pass();
    expect(link.server()?.closed).toEqual({ code: 1000, reason: 'done' });
  });

  test('refuses what comes later, and may be called twice', async () => {
    const link = await connected();
    link.tier.close();
    link.tier.close();
    const later = link.infer();
    await pass();
    expect(later.error).toMatchObject({ code: 'TIER_UNAVAILABLE' });
  });

  test('a welcome that was on its way does not bring it back', async () => {
    const link = dial(() => undefined);
    await pass();
    say(link.server(), welcome());
    link.tier.close();
    await pass();
    expect(link.statuses.map((status) => status.state)).toEqual(['connecting']);
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
