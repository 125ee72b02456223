import { toLayer } from '../../core/layers';
import { PLAIN_DTYPES } from '../../core/payload/dtypes';
import { parseStateCodec } from '../../core/payload/state-codec';
import { LIMITS } from '../../core/protocol/limits';
import { encodeTensorFrame } from '../../core/protocol/tensor-frame';
import { fakeCodecFile } from '../../core/testing/fake-codecs';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { type Random, randomInt, randomItem } from '../../core/testing/random';

/** What a broken or malicious client might send: one or more messages, text or binary. */
export type Junk = readonly (string | Uint8Array<ArrayBuffer>)[];

type Bytes = Uint8Array<ArrayBuffer>;

const anyBytes = (random: Random, length: number): Bytes =>
  Uint8Array.from({ length }, () => randomInt(random, 0, 255));

const anyNumber = (random: Random) =>
  randomItem(random, [-1, 0, 0.5, 13, 255, 65_536, 2 ** 32, 2 ** 53, -(2 ** 31), 1e308]);

const CODECS = fakeManifest().codecs.map((entry) => parseStateCodec(fakeCodecFile(entry, 8), entry, 8));

const goodFrame = (random: Random): Bytes => {
  const coded = { ...randomItem(random, CODECS), bytesPerToken: randomInt(random, 1, 20) };
  const dtype = randomItem(random, [...PLAIN_DTYPES, coded]);
  const tokens = randomInt(random, 1, 8);
  const hidden = typeof dtype === 'string' ? randomItem(random, [8, 384]) : dtype.hidden;
  const data = Float32Array.from({ length: tokens * hidden }, () => random() - 0.5);
  return encodeTensorFrame({ requestId: 1, startLayer: toLayer(5), dtype, state: { tokens, hidden, data } });
};

const goodInfer = (kind: 'text' | 'hiddenState'): Record<string, unknown> => ({
  type: 'infer',
  requestId: 1,
  ...fakeRequest({ policy: { id: 'all-edge', parameters: {} } }),
  ...(kind === 'hiddenState' && { priorLogits: new Array<number[]>(4).fill([0, 0]), input: { kind } }),
});

function spoiledFrame(random: Random): Bytes {
  const frame = goodFrame(random);
  const header = new DataView(frame.buffer);
  switch (randomInt(random, 0, 5)) {
    case 0:
      return frame.slice(0, randomInt(random, 0, frame.length - 1));
    case 1: {
      const longer = new Uint8Array(frame.length + randomInt(random, 1, 64));
      longer.set(frame);
      return longer;
    }
    case 2:
      header.setUint32(4 * randomInt(random, 0, 7), randomInt(random, 0, 2 ** 32 - 1), true);
      return frame;
    case 3:
      header.setFloat32(32, randomItem(random, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]), true);
      return frame;
    case 4:
      header.setUint32(16, randomItem(random, [0, LIMITS.maxTokens + 1, 2 ** 32 - 1]), true);
      return frame;
    default:
      for (let flips = randomInt(random, 1, 8); flips > 0; flips--) {
        const at = randomInt(random, 0, frame.length - 1);
        frame[at] = (frame[at] ?? 0) ^ (1 << randomInt(random, 0, 7));
      }
      return frame;
  }
}

function spoiledMessage(random: Random): string {
  const message = goodInfer('text');
  const field = randomItem(random, Object.keys(message));
  switch (randomInt(random, 0, 3)) {
    case 0:
      return JSON.stringify(message).slice(0, randomInt(random, 0, 300));
    case 1:
      return JSON.stringify({ ...message, [field]: undefined });
    case 2:
      return JSON.stringify({
        ...message,
        [field]: randomItem<unknown>(random, [null, [], {}, '', 'constructor', '__proto__', anyNumber(random)]),
      });
    default:
      return randomItem(random, [
        '[['.repeat(50_000),
        `{"type":"infer","__proto__":{"requestId":1}}`,
        JSON.stringify({ ...message, task: 'x'.repeat(10_000) }),
        JSON.stringify({ ...message, plan: { mobileLayers: anyNumber(random), edgeLayers: anyNumber(random) } }),
        JSON.stringify({
          ...message,
          priorLogits: new Array<number[]>(randomInt(random, 1, 60)).fill([1e308, -1e308]),
        }),
        JSON.stringify({ ...message, policy: { id: 'confidence', parameters: { __proto__: 1, edgeThreshold: 7 } } }),
        JSON.stringify({ type: 'cancel', requestId: anyNumber(random) }),
      ]);
  }
}

/** One of ever the same sequence of junk for the same seed. */
export function nextJunk(random: Random): Junk {
  const announcement = JSON.stringify(goodInfer('hiddenState'));
  switch (randomInt(random, 0, 20)) {
    case 0:
      return [new Uint8Array(LIMITS.maxMessageBytes + randomInt(random, 1, 100_000))];
    case 1:
      return ['x'.repeat(LIMITS.maxMessageBytes - randomInt(random, 0, 10))];
    case 2:
      return [announcement, announcement];
    case 3:
      return [goodFrame(random)];
    case 4:
    case 5:
      return [anyBytes(random, randomInt(random, 0, 200))];
    case 6:
    case 7:
      return [String.fromCharCode(...anyBytes(random, randomInt(random, 0, 100)))];
    case 8:
    case 9:
      return [announcement, anyBytes(random, randomInt(random, 0, 2000))];
    case 10:
    case 11:
    case 12:
    case 13:
      return [spoiledMessage(random)];
    default:
      return [announcement, spoiledFrame(random)];
  }
}
