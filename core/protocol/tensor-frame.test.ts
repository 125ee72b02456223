import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { DimeeError, hasCode } from '../errors';
import type { ReadDtype } from '../payload/payload';
import { bytesOf, hexOf, SharingBytes } from '../testing/bytes';
import { BY_HAND, codecOf } from '../testing/fake-codecs';
import { randomInt, randomItem, type Random, seededRandom } from '../testing/random';
import { HEADER_BYTES, LIMITS } from './limits';
import { decodeTensorFrame, encodeTensorFrame, type TensorFrame } from './tensor-frame';

const frameOf = (dtype: TensorFrame['dtype'], tokens: number, numbers: readonly number[]): TensorFrame => ({
  ...{ requestId: 7, startLayer: toLayer(5), dtype },
  state: { tokens, hidden: numbers.length / tokens, data: Float32Array.from(numbers) },
});

const CODEC = codecOf(BY_HAND);
const codecs = { get: (layer: number) => (layer === 4 ? CODEC : undefined) };
const decode = (bytes: Uint8Array) => decodeTensorFrame(bytes, codecs);

/** The frame as the wire has it, written field by field. */
const GOLDEN = {
  float32: {
    frame: frameOf('float32', 1, [1, -2]),
    hex: `44 4d 45 45  01 00  00  05  07 00 00 00  01 00 00 00  01 00 00 00  02 00 00 00  08 00 00 00  00 00 00 00
          00 00 80 3f  00 00 00 c0`,
  },
  float16: {
    frame: frameOf('float16', 2, [1, -2, 0.5, 0]),
    hex: `44 4d 45 45  01 00  01  05  07 00 00 00  01 00 00 00  02 00 00 00  02 00 00 00  08 00 00 00  00 00 00 00
          00 3c  00 c0  00 38  00 00`,
  },
  int8: {
    frame: frameOf('int8', 2, [127, -64, 3, -254, 2, 0]),
    hex: `44 4d 45 45  01 00  02  05  07 00 00 00  01 00 00 00  02 00 00 00  03 00 00 00  0e 00 00 00  00 00 00 00
          00 00 80 3f  00 00 00 40  7f c0 03  81 01 00`,
  },
  int4: {
    frame: frameOf('int4', 2, [7, -7, 1, -14, 2, 0]),
    hex: `44 4d 45 45  01 00  03  05  07 00 00 00  01 00 00 00  02 00 00 00  03 00 00 00  08 00 00 00  00 00 00 00
          00 3c  00 40  97 01  19 00`,
  },
  coded: {
    frame: frameOf({ ...CODEC, bytesPerToken: 5 }, 1, [2, -0.5]),
    hex: `44 4d 45 45  01 00  04  05  07 00 00 00  01 00 00 00  01 00 00 00  02 00 00 00  05 00 00 00  fe dc ba 98
          01  40 03 fc 0c`,
  },
} as const;

const KINDS = Object.keys(GOLDEN) as (keyof typeof GOLDEN)[];

/** What is read of a golden frame: all but the coded one are without loss. */
function readFrom(frame: TensorFrame): TensorFrame<ReadDtype> {
  if (typeof frame.dtype === 'string') return frame;
  // One step at fineness 1 and level 1, from the mean (1, 0).
  const step = Math.fround(2 ** -(1 / 2 + 1 / 16));
  return { ...frame, dtype: CODEC, state: { ...frame.state, data: Float32Array.of(1 + step, -step) } };
}

const golden = () => bytesOf(GOLDEN.float32.hex);

/** A golden frame with bytes changed at an offset. */
function patched(offset: number, hex: string, kind: keyof typeof GOLDEN = 'float32'): Uint8Array<ArrayBuffer> {
  const frame = bytesOf(GOLDEN[kind].hex);
  frame.set(bytesOf(hex), offset);
  return frame;
}

describe('golden frames', () => {
  test.each(KINDS)('TF1, TF3, TF4, TF7, TF8: %s is written and read byte for byte', (dtype) => {
    const { frame, hex } = GOLDEN[dtype];
    expect(hexOf(encodeTensorFrame(frame))).toBe(hexOf(bytesOf(hex)));
    expect(decode(bytesOf(hex))).toEqual(readFrom(frame));
  });

  test('TF1: request id and layer take their whole range', () => {
    const frame = { ...GOLDEN.float32.frame, requestId: 0xffff_ffff, startLayer: toLayer(48) };
    expect(decode(encodeTensorFrame(frame))).toEqual(frame);
  });

  test('a frame may lie at any offset of a larger buffer, and what is read is a copy', () => {
    for (const kind of KINDS) {
      const { frame, hex } = GOLDEN[kind];
      const bytes = bytesOf(hex);
      const larger = new Uint8Array(bytes.length + 7);
      larger.set(bytes, 3);
      const read = decode(larger.subarray(3, 3 + bytes.length));
      larger.fill(0xff);
      expect(read).toEqual(readFrom(frame));
      expect(decode(SharingBytes.amidOthers(bytes))).toEqual(readFrom(frame));
    }
  });
});

describe('a frame that cannot be read', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, string, string]>([
    ['TF1: nothing', new Uint8Array(0), 'BAD_FRAME', 'at least 32 bytes, not 0'],
    ['TF1: less than a header', golden().slice(0, 31), 'BAD_FRAME', 'at least 32 bytes, not 31'],
    ['TF1: another magic', patched(0, '44 4d 45 46'), 'BAD_FRAME', 'begins with the letters DMEE'],
    ['TF1: version 0', patched(4, '00 00'), 'BAD_FRAME', 'has version 1, not 0'],
    ['TF1: a later version', patched(4, '01 01'), 'BAD_FRAME', 'has version 1, not 257'],
    ['TF1: an unknown dtype', patched(6, '05'), 'BAD_FRAME', 'has a dtype from 0 to 4, not 5'],
    ['TF1: layer 0', patched(7, '00'), 'LIMIT_EXCEEDED', 'layer of a tensor frame must be 1 to 48, not 0'],
    ['TF1: a layer over the limit', patched(7, '31'), 'LIMIT_EXCEEDED', 'must be 1 to 48, not 49'],
    ['TF6: no sample', patched(12, '00'), 'LIMIT_EXCEEDED', 'batch of a tensor frame must be 1 to 1, not 0'],
    ['TF6: two samples', patched(12, '02'), 'LIMIT_EXCEEDED', 'batch of a tensor frame must be 1 to 1, not 2'],
    ['TF1: no tokens', patched(16, '00'), 'LIMIT_EXCEEDED', 'tokens of a tensor frame must be 1 to 512, not 0'],
    ['TF1: tokens over the limit', patched(16, '01 02'), 'LIMIT_EXCEEDED', 'must be 1 to 512, not 513'],
    [
      'TF1: hidden size 0',
      patched(20, '00'),
      'LIMIT_EXCEEDED',
      'hidden size of a tensor frame must be 1 to 4096, not 0',
    ],
    ['TF1: hidden size over the limit', patched(20, '01 10'), 'LIMIT_EXCEEDED', 'must be 1 to 4096, not 4097'],
    ['TF1: four thousand million tokens', patched(16, 'ff ff ff ff'), 'LIMIT_EXCEEDED', 'not 4294967295'],
    ['TF2: fewer bytes than named', golden().slice(0, 39), 'BAD_FRAME', 'the 8 payload bytes its header names, not 7'],
    ['TF2: more bytes than named', patched(24, '07'), 'BAD_FRAME', 'the 7 payload bytes its header names, not 8'],
    ['TF2: a shape that takes more', patched(20, '03'), 'BAD_FRAME', '1 tokens takes 12 bytes, not 8'],
    ['TF2: a shape that takes less', patched(6, '01'), 'BAD_FRAME', '1 tokens takes 4 bytes, not 8'],
    ['TF1: a fingerprint that is not coded', patched(28, '01'), 'BAD_FRAME', 'zero in its last header bytes'],
    [
      'TF8: a layer without a codec',
      patched(7, '06', 'coded'),
      'BAD_FRAME',
      'Choose another payload, such as int8: this tier has no codec after layer 5.',
    ],
    ['TF8: before any layer', patched(7, '01', 'coded'), 'BAD_FRAME', 'after layer 0'],
    [
      'TF8: another file of the codec',
      patched(31, '99', 'coded'),
      'BAD_FRAME',
      'Reload the page, or choose another payload, such as int8: this tier has another codec after layer 4.',
    ],
    ['TF8: another hidden size', patched(20, '03', 'coded'), 'BAD_FRAME', 'carries 2 numbers a token, not 3'],
    ['TF8: more tokens than were written', patched(16, '02', 'coded'), 'BAD_FRAME', 'ends before its last number'],
    ['TF8: bytes that are none of the coder’s', patched(36, '01', 'coded'), 'BAD_FRAME', 'does not end with its last'],
    ['TF5: a NaN', patched(32, '00 00 c0 7f'), 'BAD_FRAME', 'not finite'],
    ['TF5: an infinity', patched(36, '00 00 80 ff'), 'BAD_FRAME', 'not finite'],
  ])('%s', (_, bytes, code, message) => {
    const read = () => decode(bytes);
    expect(read).toThrow(DimeeError);
    expect(read).toThrow(expect.objectContaining({ code }));
    expect(read).toThrow(message);
  });

  test('TF8: a tier without any codec refuses a coded frame', () => {
    const read = () => decodeTensorFrame(bytesOf(GOLDEN.coded.hex));
    expect(read).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
  });

  test('ER7: a frame over maxMessageBytes is LIMIT_EXCEEDED, though its shape is within the limits', () => {
    const state = { tokens: 512, hidden: 128, data: new Float32Array(512 * 128) };
    const frame = encodeTensorFrame({ requestId: 1, startLayer: toLayer(1), dtype: 'float32', state });
    expect(frame.length).toBe(LIMITS.maxMessageBytes + HEADER_BYTES);
    expect(() => decodeTensorFrame(frame)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });

  test('TF5: a hidden state that is not finite is not sent', () => {
    const { state, ...frame } = frameOf('float32', 1, [0, Infinity]);
    expect(() => encodeTensorFrame({ ...frame, state })).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
  });
});

describe('fuzz', () => {
  /** Decodes, lets nothing but our own errors through, and checks that no more was made than came in. */
  function survives(bytes: Uint8Array): 'read' | 'refused' {
    try {
      const { startLayer, state } = decode(bytes);
      expect(startLayer).toBeLessThanOrEqual(LIMITS.maxLayers);
      expect(state.data).toHaveLength(state.tokens * state.hidden);
      expect(state.data.byteLength).toBeLessThanOrEqual(8 * bytes.length);
      return 'read';
    } catch (error) {
      if (hasCode(error, 'BAD_FRAME') || hasCode(error, 'LIMIT_EXCEEDED')) return 'refused';
      throw error;
    }
  }

  const randomBytes = (random: Random, length: number) => Uint8Array.from({ length }, () => randomInt(random, 0, 255));

  test('4,000 buffers of random bytes are refused by name', () => {
    const random = seededRandom(14);
    for (let round = 0; round < 4000; round++) survives(randomBytes(random, randomInt(random, 0, 200)));
  });

  test('2,000 truncated or lengthened frames are refused by name', () => {
    const random = seededRandom(15);
    for (let round = 0; round < 2000; round++) {
      const bytes = bytesOf(GOLDEN[randomItem(random, KINDS)].hex);
      const length = randomInt(random, 0, bytes.length + 20);
      const cut = new Uint8Array(length);
      cut.set(bytes.subarray(0, length));
      expect(survives(cut)).toBe(length === bytes.length ? 'read' : 'refused');
    }
  });

  test('4,000 frames with random bytes changed are read or refused by name', () => {
    const random = seededRandom(16);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < 4000; round++) {
      const bytes = bytesOf(GOLDEN[randomItem(random, KINDS)].hex);
      for (let hit = randomInt(random, 1, 3); hit > 0; hit--) {
        bytes[randomInt(random, 0, bytes.length - 1)] = randomItem(random, [0, 1, 2, 255, randomInt(random, 0, 255)]);
      }
      outcomes[survives(bytes)]++;
    }
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(1000);
  });
});
