import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { PAYLOAD_DTYPES } from '../payload/dtypes';
import { encodeHiddenState, decodeHiddenState } from '../payload/payload';
import { fakeCodecs } from './fake-codecs';
import { fakeManifest } from './fake-manifest';
import { FakeRuntime, fakeState, logitsOfConfidence } from './fake-runtime';
import { randomInt, randomItem, randomLogits, seededRandom } from './random';
import { fakeNetwork, FakeSocket } from './socket-pair';

describe('seededRandom', () => {
  test('repeats itself for the same seed only', () => {
    const draws = (seed: number) => Array.from({ length: 20 }, seededRandom(seed));
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  test('is spread evenly over 0 to 1', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const tenth = Math.floor(random() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(850);
    expect(Math.max(...tenths)).toBeLessThan(1150);
  });

  test('feeds whole numbers with both ends, items, and logits that float16 holds exactly', () => {
    const random = seededRandom(1);
    expect(new Set(Array.from({ length: 100 }, () => randomInt(random, 2, 4)))).toEqual(new Set([2, 3, 4]));
    expect(['a', 'b']).toContain(randomItem(random, ['a', 'b']));
    const logits = Float32Array.from(randomLogits(random, 50));
    const state = { tokens: 1, hidden: 50, data: logits };
    expect(decodeHiddenState(encodeHiddenState(state, 'float16'), 'float16', 1, 50).data).toEqual(logits);
  });
});

describe('FakeRuntime', () => {
  const manifest = fakeManifest();

  test('counts the layers it runs and refuses another layer’s state', async () => {
    const runtime = new FakeRuntime({ manifest });
    const embedded = await runtime.embed(await runtime.tokenize(['sample 7']));
    const { state } = await runtime.runLayer(toLayer(1), embedded);
    await runtime.runLayer(toLayer(2), state);
    await expect(runtime.runLayer(toLayer(2), embedded)).rejects.toThrow('Layer 2 was given the state after layer 0.');
    expect(runtime.layersRun).toEqual([1, 2]);
  });

  test('gives a sample the same logits however its state crossed', async () => {
    const runtime = new FakeRuntime({ manifest });
    const { logits } = await runtime.runLayer(toLayer(5), fakeState(manifest, 511, toLayer(4), 3));
    for (const payload of PAYLOAD_DTYPES) {
      const dtype = await fakeCodecs(manifest).dtypeAfter(toLayer(4), payload);
      const crossed = decodeHiddenState(encodeHiddenState(fakeState(manifest, 511, toLayer(4), 3), dtype), dtype, 3, 8);
      expect((await runtime.runLayer(toLayer(5), crossed)).logits).toEqual(logits);
    }
  });

  test('takes confidences for logits', () => {
    const [logit = 0, other = 0] = logitsOfConfidence([0.9])(0, toLayer(1));
    expect(1 / (1 + Math.exp(other - logit))).toBeCloseTo(0.9, 12);
  });
});

describe('FakeSocket', () => {
  const connect = () => {
    const [client, server] = FakeSocket.pair();
    const heard: string[] = [];
    client.onclose = ({ code, reason }) => heard.push(`client closed ${code} ${reason}`);
    server.onclose = ({ code, reason }) => heard.push(`server closed ${code} ${reason}`);
    server.onmessage = ({ data }) =>
      heard.push(typeof data === 'string' ? data : `${(data as ArrayBuffer).byteLength}`);
    return { client, server, heard };
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  test('delivers in order, bytes as an ArrayBuffer, and closes both ends', async () => {
    const { client, heard } = connect();
    client.send('one');
    client.send(new Uint8Array(3));
    client.close(1000, 'done');
    client.send('too late');
    expect(heard).toEqual([]);
    await settled();
    expect(heard).toEqual(['one', '3', 'server closed 1000 done', 'client closed 1000 done']);
  });

  test('hears of a lost connection at both ends and of a pulled cable at none', async () => {
    const lost = connect();
    lost.client.lose();
    expect(lost.heard).toEqual(['server closed 1006 ', 'client closed 1006 ']);
    const unplugged = connect();
    unplugged.client.unplug();
    unplugged.client.send('hello?');
    unplugged.client.close();
    await settled();
    expect(unplugged.heard).toEqual([]);
  });

  test('a network opens, refuses or hangs', async () => {
    const events: string[] = [];
    for (const answer of [undefined, 'refuse', 'hang'] as const) {
      const socket = fakeNetwork(() => answer).openSocket('ws://edge');
      socket.onopen = () => events.push(`${answer} opened`);
      socket.onclose = () => events.push(`${answer} closed`);
    }
    await settled();
    expect(events).toEqual(['undefined opened', 'refuse closed']);
  });
});
