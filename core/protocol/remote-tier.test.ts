import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toLayer } from '../layers';
import { DimeeError, errorData } from '../errors';
import { fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeState } from '../testing/fake-runtime';
import { decodeTensorFrame } from './tensor-frame';
import { afterMobile, answer, connected, dial, mismatch, pass, politely, say, text, welcome } from '../testing/dial';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
      state: fakeState(fakeManifest(), 1, toLayer(4), 3),
    });
    link.tier.close();
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

  test('RQ12: a client’s hundreds let those of others by, and the other side hears whose each is', async () => {
    const link = await connected(2, { keyOf: ({ name }: { name?: string }) => `key of ${name}` });
    const [greedy, light] = [{ client: { name: 'greedy' } }, { client: { name: 'light' } }];
    for (let sample = 0; sample < 6; sample++) link.infer({ ...text(sample), origin: greedy });
    link.infer({ ...text(6), origin: light });
    for (let answered = 0; answered < 2; answered++) {
      link.reply(link.sentIds()[answered] ?? 0);
      await pass();
    }
    const sent = (link.connections[0]?.client.sentMessages ?? []).filter(({ type }) => type === 'infer');
    expect(sent.map(({ sampleKey, onBehalfOf }) => [sampleKey, onBehalfOf].join(' '))).toEqual([
      'sample-0 key of greedy',
      'sample-1 key of greedy',
      'sample-6 key of light',
      'sample-2 key of greedy',
    ]);
    expect(JSON.stringify(sent)).not.toContain('origin');
    link.tier.close();
  });

  test('RQ12: nobody is told whose a sample is unless they are to be', async () => {
    const link = await connected();
    link.infer({ ...text(), origin: { client: {} } });
    expect(JSON.stringify(link.connections[0]?.client.sentMessages)).not.toContain('onBehalfOf');
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
      ...{ roundTripMs: 35, waitMs: 0, encodeMs: 0, decodeMs: 0 },
    };
    expect(frame).toHaveLength(128);
    expect(outcome.result).toEqual({ ...answer, crossings: [hop, further] });
    link.tier.close();
  });

  test('RS3: what the server says of its stay is handed on, and one that says nothing is taken at its layers', async () => {
    const link = await connected();
    const [reported, silent] = [link.infer(text(0)), link.infer(text(1))];
    const stays = [{ tier: 'edge', totalMs: 12.5, queueMs: 3, embedMs: 0.25 }];
    const [first, second] = link.sentIds();
    say(link.server(), { type: 'result', requestId: first, ...answer, stays });
    say(link.server(), { type: 'result', requestId: second, ...answer });
    await pass();
    expect(reported.result?.stays).toEqual(stays);
    expect(silent.result?.steps).toEqual(answer.steps);
    expect(silent.result?.stays).toBeUndefined();
    link.tier.close();
  });

  test('RS4: the wait for the server’s share is told apart from the round trip', async () => {
    const link = await connected(1);
    const [first, second] = [link.infer(text(0)), link.infer(text(1))];
    await pass(20);
    link.reply(link.sentIds()[0] ?? 0);
    await pass(7);
    link.reply(link.sentIds()[1] ?? 0);
    await pass();
    expect(first.result?.crossings[0]).toMatchObject({ waitMs: 0, roundTripMs: 20 });
    expect(second.result?.crossings[0]).toMatchObject({ waitMs: 20, roundTripMs: 7 });
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
