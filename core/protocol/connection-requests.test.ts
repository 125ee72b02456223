import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toLayer } from '../layers';
import type { Tier } from '../ladder/tier';
import { encodeTensorFrame } from './tensor-frame';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { FakeRuntime, fakeState } from '../testing/fake-runtime';
import { gate } from '../testing/gate';
import {
  afterMobile,
  Client,
  codecs,
  frame,
  infer,
  manifest,
  RESULT,
  settled,
  SlowTier,
} from '../testing/connection-client';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('Requests', () => {
  test('RQ1: an infer is handed to the tier whole, and answered by its result', async () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(7, { payloadDtype: 'int8', deadlineMs: 500 }));
    expect(tier.asked[0]?.request).toEqual({
      ...fakeRequest({ payloadDtype: 'int8', deadlineMs: 500 }),
      origin: expect.objectContaining({ client: client.connection }),
    });
    tier.asked[0]?.answer();
    await settled();
    expect(client.heard).toEqual([{ type: 'result', requestId: 7, ...RESULT }]);
  });

  test('RS3: the stay counts from the frame’s arrival: what the line took to bring it is not this tier’s time', async () => {
    const stays = [
      { tier: 'edge', totalMs: 3, queueMs: 1 },
      { tier: 'cloud', totalMs: 2, queueMs: 0 },
    ] as const;
    const client = Client.greeted({
      infer: () => new Promise((resolve) => setTimeout(() => resolve({ ...RESULT, stays }), 40)),
    });
    client.say(infer(7, afterMobile));
    await vi.advanceTimersByTimeAsync(500);
    client.say(frame(7));
    await vi.advanceTimersByTimeAsync(40);
    expect(client.last).toMatchObject({ stays: [{ tier: 'edge', totalMs: 40, queueMs: 1 }, stays[1]] });
  });

  test('RQ1: what became of it is a line of the log, without the text', async () => {
    const client = Client.greeted();
    client.say({ ...infer(7), input: { kind: 'text', texts: ['a secret sentence'] } });
    await settled();
    expect(client.log.at(-1)).toMatch(
      /^debug request 7: sst2, 4 tokens, layers 5 to 5, left at the edge tier, 0\.0 ms/,
    );
    expect(client.log.join()).not.toContain('secret');
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
    const dtype = await codecs.dtypeAfter(toLayer(4), 'coded96');
    client.say(
      encodeTensorFrame({ requestId: 1, startLayer: toLayer(5), dtype, state: fakeState(manifest, 1, toLayer(4)) }),
    );
    const input = tier.asked[0]?.request.input;
    expect(input?.kind === 'hiddenState' && input.state.data.map(Math.round)).toEqual(
      fakeState(manifest, 1, toLayer(4)).data,
    );
  });

  test('RQ3: an infer with a hidden state waits for its tensor frame', () => {
    const tier = new SlowTier();
    const client = Client.greeted(tier);
    client.say(infer(1, afterMobile));
    expect(tier.asked).toEqual([]);
    client.say(frame(1));
    expect(tier.asked[0]?.request.input).toEqual({ kind: 'hiddenState', state: fakeState(manifest, 1, toLayer(4)) });
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
