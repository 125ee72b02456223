import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf, hexOf, SharingBytes } from '../testing/bytes';
import { randomInt, seededRandom } from '../testing/random';
import type { HiddenState } from '../hidden-state';
import { payloadByteLength, PLAIN_DTYPES, type PlainDtype } from './dtypes';
import { decodeHiddenState, encodeHiddenState } from './payload';

const stateOf = (tokens: number, data: readonly number[]): HiddenState => ({
  tokens,
  hidden: data.length / tokens,
  data: Float32Array.from(data),
});

const roundTrip = (state: HiddenState, dtype: PlainDtype) =>
  decodeHiddenState(encodeHiddenState(state, dtype), dtype, state.tokens, state.hidden);

const badFrame = expect.toSatisfy((error) => hasCode(error, 'BAD_FRAME'));

/** Rows of very different magnitudes, as the layers of a network give. */
function randomState(seed: number): HiddenState {
  const random = seededRandom(seed);
  const [tokens, hidden] = [randomInt(random, 1, 9), randomInt(random, 1, 50)];
  const data = Array.from({ length: tokens }, () => {
    const magnitude = 10 ** randomInt(random, -4, 3);
    return Array.from({ length: hidden }, () => (2 * random() - 1) * magnitude);
  });
  return { tokens, hidden, data: Float32Array.from(data.flat()) };
}

describe('the bytes of a hidden state', () => {
  test.each<[PlainDtype, string]>([
    ['float32', '00 00 80 3f  00 00 00 c0  00 00 00 00  00 00 20 41'],
    ['float16', '00 3c  00 c0  00 00  00 49'],
  ])('TF3: %s is row after row, little-endian', (dtype, golden) => {
    const state = stateOf(2, [1, -2, 0, 10]);
    expect(hexOf(encodeHiddenState(state, dtype))).toBe(golden.replaceAll('  ', ' '));
    expect(decodeHiddenState(bytesOf(golden), dtype, 2, 2)).toEqual(state);
  });

  test('TF4: int8 is the scale of each token, then value after value', () => {
    // Largest magnitudes 127 and 254: scales 1 and 2.
    const state = stateOf(2, [127, -64, -254, 2]);
    const golden = '00 00 80 3f 00 00 00 40 7f c0 81 01';
    expect(hexOf(encodeHiddenState(state, 'int8'))).toBe(golden);
    expect(decodeHiddenState(bytesOf(golden), 'int8', 2, 2)).toEqual(state);
  });

  test('TF7: int4 is the scale of each group of 32, then two values a byte, the earlier one in the low half', () => {
    // Largest magnitudes 7 and 14: scales 1 and 2. The last group of a row is what is left of it.
    const first = [7, -7, 1, ...new Array<number>(29).fill(0)];
    const state = stateOf(1, [...first, -14, 2, 0]);
    const golden = `00 3c 00 40  97 01 ${'00 '.repeat(14)} 19 00`;
    expect(hexOf(encodeHiddenState(state, 'int4'))).toBe(hexOf(bytesOf(golden)));
    expect(decodeHiddenState(bytesOf(golden), 'int4', 1, 35)).toEqual(state);
  });

  test('TF7: int4 takes 216 bytes a token at hidden size 384, and every token begins a byte', () => {
    expect(payloadByteLength('int4', 1, 384)).toBe(216);
    expect(hexOf(encodeHiddenState(stateOf(2, [7, 1, 2, 7, 3, 4]), 'int4'))).toBe('00 3c 00 3c 17 02 37 04');
  });

  test('payloadByteLength is what encoding takes', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const state = randomState(seed);
      for (const dtype of PLAIN_DTYPES) {
        expect(encodeHiddenState(state, dtype)).toHaveLength(payloadByteLength(dtype, state.tokens, state.hidden));
      }
    }
  });
});

describe('a hidden state that is written and read', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

  test('is the same as float32', () => {
    for (const seed of seeds) expect(roundTrip(randomState(seed), 'float32')).toEqual(randomState(seed));
  });

  test('is within half a unit in the last place as float16', () => {
    for (const seed of seeds) {
      const { data } = randomState(seed);
      const read = roundTrip(randomState(seed), 'float16');
      data.forEach((x, index) => {
        const bound = Math.max(Math.abs(x) * 2 ** -11, 2 ** -25);
        expect(Math.abs((read.data[index] ?? NaN) - x)).toBeLessThanOrEqual(bound);
      });
    }
  });

  test('is within half its token’s scale as int8', () => {
    for (const seed of seeds) {
      const { data, tokens, hidden } = randomState(seed);
      const read = roundTrip(randomState(seed), 'int8');
      for (let token = 0; token < tokens; token++) {
        const row = data.subarray(token * hidden, (token + 1) * hidden);
        const largest = Math.max(...row.map(Math.abs));
        row.forEach((x, index) => {
          const error = Math.abs((read.data[token * hidden + index] ?? NaN) - x);
          // Half a step, and the rounding of the scale itself to float32.
          expect(error).toBeLessThanOrEqual(largest / 254 + largest * 2 ** -23);
        });
      }
    }
  });

  test('is within half its group’s scale as int4', () => {
    for (const seed of seeds) {
      const { data, tokens, hidden } = randomState(seed);
      const read = roundTrip(randomState(seed), 'int4');
      for (let token = 0; token < tokens; token++) {
        for (let start = 0; start < hidden; start += 32) {
          const group = data.subarray(token * hidden + start, token * hidden + Math.min(start + 32, hidden));
          const largest = Math.max(...group.map(Math.abs));
          group.forEach((x, index) => {
            const error = Math.abs((read.data[token * hidden + start + index] ?? NaN) - x);
            // Half a step, and the rounding of the scale to float16, seven times at most.
            expect(error).toBeLessThanOrEqual(largest / 14 + Math.max(largest * 2 ** -11, 7 * 2 ** -25));
          });
        }
      }
    }
  });

  test.each(['int8', 'int4'] as const)('keeps zeros as %s without dividing by them', (dtype) => {
    expect(roundTrip(stateOf(2, [0, 0, 7, 0]), dtype).data).toEqual(Float32Array.of(0, 0, 7, 0));
  });

  test('is zero as int4 where it is too small for any float16 scale', () => {
    expect(roundTrip(stateOf(1, [1e-8, -1e-9]), 'int4').data).toEqual(Float32Array.of(0, 0));
  });

  test('is a copy: neither side sees the other’s later changes', () => {
    for (const dtype of PLAIN_DTYPES) {
      const state = stateOf(1, [1, 7]);
      const bytes = encodeHiddenState(state, dtype);
      const read = decodeHiddenState(bytes, dtype, 1, 2);
      state.data.fill(9);
      bytes.fill(0);
      expect(read.data[1]).toBeCloseTo(7, 6);
    }
  });

  test('may lie anywhere in a larger buffer', () => {
    for (const dtype of PLAIN_DTYPES) {
      const bytes = encodeHiddenState(stateOf(1, [7, -1.5]), dtype);
      const larger = new Uint8Array(bytes.length + 11);
      larger.set(bytes, 5);
      const view = larger.subarray(5, 5 + bytes.length);
      expect(decodeHiddenState(view, dtype, 1, 2).data[0]).toBeCloseTo(7, 6);
    }
  });

  test('may come in a Node Buffer, whose slice does not copy', () => {
    for (const dtype of PLAIN_DTYPES) {
      const bytes = SharingBytes.amidOthers(encodeHiddenState(stateOf(1, [7, -1.5]), dtype));
      expect(decodeHiddenState(bytes, dtype, 1, 2).data[0]).toBeCloseTo(7, 6);
    }
  });
});

describe('TF5: numbers that are not finite', () => {
  test.each(PLAIN_DTYPES)('are not written as %s', (dtype) => {
    for (const broken of [NaN, Infinity, -Infinity]) {
      expect(() => encodeHiddenState(stateOf(1, [0, broken]), dtype)).toThrow(badFrame);
    }
  });

  test('a number too large for float16 is not written as float16', () => {
    expect(() => encodeHiddenState(stateOf(1, [65_520]), 'float16')).toThrow(badFrame);
    expect(roundTrip(stateOf(1, [-65_504]), 'float16').data[0]).toBe(-65_504);
  });

  test('a number too large for a float16 scale is not written as int4', () => {
    expect(() => encodeHiddenState(stateOf(1, [7 * 65_520]), 'int4')).toThrow(badFrame);
    expect(roundTrip(stateOf(1, [-7 * 65_504]), 'int4').data[0]).toBe(-7 * 65_504);
  });

  test.each<[PlainDtype, string]>([
    ['float32', '00 00 c0 7f'],
    ['float32', '00 00 80 ff'],
    ['float16', '00 7c'],
    ['float16', '00 7e'],
    ['int8', '00 00 c0 7f 01'],
    ['int8', '00 00 80 7f 00'],
    ['int8', 'ff ff 7f 7f 7f'],
    ['int4', '00 7c 00'],
    ['int4', '00 7e 01'],
  ])('are not read as %s (%s)', (dtype, hex) => {
    expect(() => decodeHiddenState(bytesOf(hex), dtype, 1, 1)).toThrow(badFrame);
  });
});

test('TF2: bytes that do not fit the shape are refused, with what was expected', () => {
  for (const dtype of PLAIN_DTYPES) {
    const bytes = encodeHiddenState(stateOf(2, [1, 2, 3, 4, 5, 6]), dtype);
    for (const wrong of [bytes.subarray(1), new Uint8Array(bytes.length + 1), new Uint8Array(0)]) {
      expect(() => decodeHiddenState(wrong, dtype, 2, 3)).toThrow(badFrame);
    }
    const message = `A ${dtype} hidden state of 2 tokens takes ${bytes.length} bytes, not 0.`;
    expect(() => decodeHiddenState(new Uint8Array(0), dtype, 2, 3)).toThrow(message);
  }
});
