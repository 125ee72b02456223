import { Float16Array } from '@petamoriken/float16';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf, hexOf } from '../testing/bytes';
import { randomInt, type Random, seededRandom } from '../testing/random';
import { decodeHiddenState, encodeHiddenState, type HiddenState, payloadByteLength } from './hidden-state';
import { type Bottleneck, parseBottleneck } from './low-rank';
import type { BottleneckEntry } from './manifest';

const badFrame = expect.toSatisfy((error) => hasCode(error, 'BAD_FRAME'));

function entryOf(int8: number, int4: number, bytes: number): BottleneckEntry {
  const file = { path: 'bottlenecks/layer-03.bin', bytes, sha256: 'fedcba98'.padEnd(64, '0') };
  return { layer: 3, bytesPerToken: 4 + int8 + int4 / 2, int8, int4, file };
}

/** A bottleneck from the numbers of its file. */
function bottleneckOf(hidden: number, int8: number, int4: number, numbers: readonly number[]): Bottleneck {
  const bytes = new Uint8Array(new Float16Array(numbers).buffer);
  return parseBottleneck(bytes, entryOf(int8, int4, bytes.length), hidden);
}

// Mean, encoder [2, 3] and decoder [3, 2]: one number of the latent is int8, two are int4.
const byHand = bottleneckOf(2, 1, 2, [...[1, 0], ...[1, 0, 0, 0, 1, -1], ...[1, 0, 0, 0.5, 0, -0.5]]);

/** An orthonormal basis of `size` vectors, row after row, by Gram-Schmidt. */
function orthonormal(random: Random, size: number): number[][] {
  const basis: number[][] = [];
  while (basis.length < size) {
    let vector = Array.from({ length: size }, () => random() - 0.5);
    for (const earlier of basis) {
      const along = vector.reduce((sum, x, index) => sum + x * (earlier[index] ?? 0), 0);
      vector = vector.map((x, index) => x - along * (earlier[index] ?? 0));
    }
    const length = Math.hypot(...vector);
    basis.push(vector.map((x) => x / length));
  }
  return basis;
}

describe('parseBottleneck', () => {
  test('reads mean, encoder and decoder, row-major', () => {
    expect(byHand).toEqual({
      ...{ layer: 3, hidden: 2, bytesPerToken: 6, int8: 1, int4: 2, fingerprint: 0xfedcba98 },
      mean: Float32Array.of(1, 0),
      encoder: Float32Array.of(1, 0, 0, 0, 1, -1),
      decoder: Float32Array.of(1, 0, 0, 0.5, 0, -0.5),
    });
  });

  test.each([
    ['of another length', new Uint8Array(26), 'has 26 bytes where 28 were expected'],
    ['with an infinity', bytesOf(`${'00 '.repeat(26)} 00 7c`), 'not finite'],
  ])('a file %s is MODEL_FILE_DAMAGED', (_, bytes, problem) => {
    const parse = () => parseBottleneck(bytes, entryOf(1, 2, 28), 2);
    expect(parse).toThrow(expect.toSatisfy((error) => hasCode(error, 'MODEL_FILE_DAMAGED')));
    expect(parse).toThrow(problem);
  });
});

describe('TF8: a low-rank payload', () => {
  test('by hand: scales of both parts, token by token, then all int8, then all int4', () => {
    // (128, 7) − mean = (127, 7), latent (127, 7, −7), scales 1 and 1: values 127, 7 and −7.
    // (−253, 4) − mean = (−254, 4), latent (−254, 4, −4), scales 2 and float16(4 / 7): values −127, 7 and −7.
    const state: HiddenState = { tokens: 2, hidden: 2, data: Float32Array.of(128, 7, -253, 4) };
    const golden = '00 3c 00 3c  00 40 92 38  7f 81  97 97';
    expect(hexOf(encodeHiddenState(state, byHand))).toBe(hexOf(bytesOf(golden)));
    const { data } = decodeHiddenState(bytesOf(golden), byHand, 2, 2);
    // float16(4 / 7) is 0x3892, 1170 / 2048; mean + (−254, 3.5 · that + 3.5 · that).
    expect([...data]).toEqual([128, 7, -253, (7 * 1170) / 2048]);
  });

  test('a part without numbers has scale 0', () => {
    const narrow = bottleneckOf(2, 0, 2, [...[0, 0], ...[1, 0, 0, 1], ...[1, 0, 0, 1]]);
    const state: HiddenState = { tokens: 1, hidden: 2, data: Float32Array.of(7, -1) };
    expect(hexOf(encodeHiddenState(state, narrow))).toBe('00 00 00 3c f7');
    expect(decodeHiddenState(bytesOf('00 00 00 3c f7'), narrow, 1, 2)).toEqual(state);
  });

  test('the state nearest to the mean is the mean', () => {
    const state: HiddenState = { tokens: 1, hidden: 2, data: Float32Array.of(1, 0) };
    expect(hexOf(encodeHiddenState(state, byHand))).toBe('00 00 00 00 00 00');
    expect(decodeHiddenState(new Uint8Array(6), byHand, 1, 2)).toEqual(state);
  });

  test('is as near as the steps of its latent where the basis is orthonormal', () => {
    const random = seededRandom(21);
    for (let round = 0; round < 30; round++) {
      const hidden = 2 * randomInt(random, 2, 12);
      const int4 = 2 * randomInt(random, 0, hidden / 2);
      const basis = orthonormal(random, hidden);
      const mean = Array.from({ length: hidden }, () => 4 * random() - 2);
      const encoder = Array.from({ length: hidden }, (_, row) => basis.map((vector) => vector[row] ?? 0));
      const numbers = [...mean, ...encoder.flat(), ...basis.flat()];
      const bottleneck = bottleneckOf(hidden, hidden - int4, int4, numbers);
      const tokens = randomInt(random, 1, 6);
      const data = Float32Array.from({ length: tokens * hidden }, () => 20 * random() - 10);
      const bytes = encodeHiddenState({ tokens, hidden, data }, bottleneck);
      expect(bytes).toHaveLength(payloadByteLength(bottleneck, tokens, hidden));
      const read = decodeHiddenState(bytes, bottleneck, tokens, hidden);
      for (let token = 0; token < tokens; token++) {
        const row = data.subarray(token * hidden, (token + 1) * hidden);
        const length = Math.hypot(...row.map((x, index) => x - (mean[index] ?? 0)));
        const error = Math.hypot(...row.map((x, index) => x - (read.data[token * hidden + index] ?? NaN)));
        // Each number of the latent is off by half a step of its part, whose largest is no longer than the row; the
        // matrices are off by 2^-11 of each number, twice.
        const steps = Math.hypot(Math.sqrt(hidden - int4) / 254, Math.sqrt(int4) / 14);
        expect(error).toBeLessThanOrEqual(length * (steps + 2 ** -8));
      }
    }
  });

  test('is a copy, and may come in memory of others', () => {
    const bytes = bytesOf('00 3c 00 3c 7f 97');
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 5);
    const read = decodeHiddenState(larger.subarray(5, 5 + bytes.length), byHand, 1, 2);
    larger.fill(0);
    expect([...read.data]).toEqual([128, 7]);
  });

  test('of another hidden size is refused on both sides', () => {
    const state: HiddenState = { tokens: 1, hidden: 3, data: new Float32Array(3) };
    expect(() => encodeHiddenState(state, byHand)).toThrow(badFrame);
    expect(() => decodeHiddenState(new Uint8Array(6), byHand, 1, 3)).toThrow('carries 2 numbers a token, not 3');
  });

  test('TF2: bytes that do not fit the tokens are refused', () => {
    expect(() => decodeHiddenState(new Uint8Array(6), byHand, 2, 2)).toThrow(
      'A low-rank hidden state of 2 tokens takes 12 bytes, not 6.',
    );
  });

  test('TF5: numbers that are not finite are neither written nor read', () => {
    for (const broken of [NaN, Infinity, 1e30]) {
      const state: HiddenState = { tokens: 1, hidden: 2, data: Float32Array.of(broken, 0) };
      expect(() => encodeHiddenState(state, byHand)).toThrow(badFrame);
    }
    for (const hex of ['00 7c 00 3c 01 00', '00 3c 00 7e 00 00', '00 7c 00 3c 00 00']) {
      expect(() => decodeHiddenState(bytesOf(hex), byHand, 1, 2)).toThrow(badFrame);
    }
  });
});
