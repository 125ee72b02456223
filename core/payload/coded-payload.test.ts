import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf, hexOf, SharingBytes } from '../testing/bytes';
import {
  BY_HAND,
  type CodecNumbers,
  codecOf,
  evenFrequencies,
  fakeFrequencies,
  MIDDLE_SPREAD,
} from '../testing/fake-codecs';
import { randomInt, randomItem, type Random, seededRandom } from '../testing/random';
import type { HiddenState } from '../hidden-state';
import { decodeHiddenState, encodeHiddenState } from './payload';
import { SLOTS } from './rans';
import type { StateCodec } from './state-codec';

const badFrame = expect.toSatisfy((error) => hasCode(error, 'BAD_FRAME'));

const byHand = codecOf(BY_HAND);

const encode = (state: HiddenState, codec: StateCodec, bytesPerToken: number) =>
  encodeHiddenState(state, { ...codec, bytesPerToken });

const stateOf = (...data: number[]): HiddenState => ({ tokens: 1, hidden: data.length, data: Float32Array.from(data) });

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

/** A codec with an orthonormal transform, a predictor and codewords that foretell something, some levels and classes. */
function randomNumbers(random: Random): CodecNumbers {
  const hidden = randomInt(random, 2, 24);
  const [codewords, levels, classes] = [randomInt(random, 1, 6), randomInt(random, 1, 4), randomInt(random, 1, 5)];
  const basis = orthonormal(random, hidden);
  const reals = () => Array.from({ length: hidden }, () => 4 * random() - 2);
  return {
    mean: reals(),
    encoder: basis.flatMap((_, row) => basis.map((vector) => vector[row] ?? 0)),
    decoder: basis.flat(),
    predictor: basis.flatMap(reals).map((real) => real / hidden),
    importance: reals().map((real) => real / hidden),
    offset: 2 * random(),
    weights: reals(),
    codebook: Array.from({ length: codewords }, reals).flat(),
    codewords: evenFrequencies(codewords),
    levels: fakeFrequencies(levels - 1).map((frequency, level) => (level === 0 ? frequency : 2 * frequency)),
    spreads: randomItem(random, [evenFrequencies(9), MIDDLE_SPREAD]),
    classes: Array.from({ length: levels * hidden }, () => randomInt(random, 0, classes - 1)),
    values: Array.from({ length: classes }, () => fakeFrequencies(randomItem(random, [2047, 4095]))),
  };
}

function randomState(random: Random, hidden: number): HiddenState {
  const tokens = randomInt(random, 1, 6);
  return { tokens, hidden, data: Float32Array.from({ length: tokens * hidden }, () => 20 * random() - 10) };
}

describe('TF8: a coded payload', () => {
  test('by hand: the fineness, then level and values of each token', () => {
    // (2, −½) − mean = (1, −½), level ⌊1.25 + ½⌋ = 1, z = (1, ½). From a fineness of 2 on both values would be 1 in
    // class 1, which takes 13 bits with the level; at 1 the second is in class 0 still, and the 7 bits fit in the state.
    // The middle spread has 65528 slots after 4. 2^23; value 1: 2^23 / 2^10 · 2^16 + 64512 = 8193 · 65528 + 64520;
    // spread: 8193 · 2^16 + 64520 + 4 = 16387 · 2^15 + 31756; level 1: 16387 · 2^16 + 31756 + 32768.
    const golden = '01 40 03 fc 0c';
    expect(hexOf(encode(stateOf(2, -0.5), byHand, 5))).toBe(golden);
    const z = 2 ** (-1 / 2 - 1 / 16);
    const { data } = decodeHiddenState(bytesOf(golden), byHand, 1, 2);
    expect([...data]).toEqual([1 + z, -z].map((x) => expect.closeTo(x, 6)));
  });

  test('by hand: values are 0 where 1 is dearer than it is nearer, and levels end with the first and the last', () => {
    // 1 takes 6 bits and 0 takes 0.0458: it begins at ½ + 0.04 · 5.9542 = 0.7382 steps. At fineness 1 and level 1, z is
    // times 2^(9/16): 0.499 is 0.7369 steps, 0.5 is 0.7384. 3 is cut at 0 already, and −3, which has level 0, from 2 on.
    for (const [first, golden] of [
      [0.499, '01 01 08 a8 24'],
      [0.5, '01 40 03 fc 0c'],
      [3, '00 40 03 fc 0c'],
      [-3, '01 01 00 04 04'],
    ] as const) {
      expect([first, hexOf(encode(stateOf(1 + first, 7), byHand, 5))]).toEqual([first, golden]);
    }
  });

  test('by hand: what the token before foretells is taken away', () => {
    // At fineness 1 and level 1 a step is 2^(-9/16) = 0.6771. The first token's z is read as one of them, which foretells
    // half of it: of 0.8 that leaves 0.6815 steps, so 0; of 0.9 it leaves 0.8292, so 1.
    const step = 2 ** -(9 / 16);
    for (const [second, value] of [
      [0.8, 0],
      [0.9, 1],
    ] as const) {
      const payload = encode({ tokens: 2, hidden: 2, data: Float32Array.of(2, 7, 1 + second, 7) }, byHand, 4);
      expect(payload[0]).toBe(1);
      const { data } = decodeHiddenState(payload, byHand, 2, 2);
      expect([data[0], data[2]]).toEqual([1 + step, 1 + (0.5 + value) * step].map((x) => expect.closeTo(x, 6)));
    }
  });

  test('by hand: the nearest codeword is taken away, by differences times the weights', () => {
    // z = (3, 1) is (1, 1) from the first codeword and (−1.5, 0) from the last one.
    const book = { codebook: [2, 0, 0, 0, 4.5, 1], codewords: [SLOTS / 2, SLOTS / 4, SLOTS / 4] };
    for (const [weights, [first, second]] of [
      [
        [1, 0.25],
        [2, 0],
      ],
      [
        [0.5, 1],
        [4.5, 1],
      ],
    ] as const) {
      const codec = codecOf({ ...BY_HAND, ...book, weights, values: [[SLOTS], [SLOTS]] });
      const { data } = decodeHiddenState(encode(stateOf(4, -2), codec, 5), codec, 1, 2);
      expect([...data]).toEqual([1 + first, second - first]);
    }
  });

  test('is finer where tokens scatter less than usual, if there is a spread for that', () => {
    // Values up to 1, 1, 2, 2, 4, …, 0 as rare as others: four spreads below the middle one, two numbers take 8 bits less.
    const values = Array.from({ length: 24 }, (_, index) => {
      const largest = Math.floor(2 ** (index / 2));
      const each = Math.floor(SLOTS / (2 * largest + 1));
      const others = new Array<number>(largest - 1).fill(each);
      const last = Math.floor((SLOTS - each * (2 * largest - 1)) / 2);
      return [SLOTS - 2 * (each * (largest - 1) + last), ...others, last];
    });
    const still: HiddenState = { tokens: 40, hidden: 2, data: new Float32Array(80).map((_, index) => 1 - (index % 2)) };
    const finenessWith = (spreads: readonly number[]) =>
      encode(still, codecOf({ ...BY_HAND, classes: [0, 0, 0, 0], values, spreads }), 2)[0] ?? 0;
    expect(finenessWith(evenFrequencies(9))).toBeGreaterThan(finenessWith(MIDDLE_SPREAD) + 16);
  });

  test('is as near as its steps, and within its budget, where the transform is orthonormal', () => {
    const random = seededRandom(21);
    let compared = 0;
    for (let round = 0; round < 100; round++) {
      const numbers = randomNumbers(random);
      const codec = codecOf(numbers);
      const { hidden } = codec;
      const state = randomState(random, hidden);
      const { tokens, data } = state;
      const bytesPerToken = randomInt(random, hidden, 1.5 * hidden) + 6;
      const payload = encode(state, codec, bytesPerToken);
      expect(payload.length).toBeLessThanOrEqual(tokens * bytesPerToken);
      const read = decodeHiddenState(payload, codec, tokens, hidden);
      for (let token = 0; token < tokens; token++) {
        const row = data.subarray(token * hidden, (token + 1) * hidden);
        const length = Math.hypot(...row.map((x, index) => x - (numbers.mean[index] ?? 0)));
        const error = Math.hypot(...row.map((x, index) => x - (read.data[token * hidden + index] ?? NaN)));
        const fineness = payload[0] ?? 0;
        // Those that may be too large for the values.
        if (length * 2 ** (3 / 2 + fineness / 16) > 2047) continue;
        compared++;
        // A value is off by at most 0.65 of a step, where the first is dearest, which levels make only smaller; the matrices by 2^-11 of each
        // number, twice.
        const steps = 0.65 * Math.sqrt(hidden) * 2 ** (-fineness / 16);
        expect(error).toBeLessThanOrEqual(steps + length * 2 ** -8);
      }
    }
    expect(compared).toBeGreaterThan(200);
  });

  test('is the finest that its budget allows', () => {
    const random = seededRandom(22);
    const codec = codecOf(randomNumbers(random));
    const state = randomState(random, codec.hidden);
    let coarser = encode(state, codec, 10 / state.tokens);
    for (let budget = 11; budget < 300; budget++) {
      const payload = encode(state, codec, budget / state.tokens);
      const [fineness = 0, before = 0] = [payload[0], coarser[0]];
      expect(fineness).toBeGreaterThanOrEqual(before);
      if (fineness > before) expect(payload).toHaveLength(budget);
      else expect(payload).toEqual(coarser);
      coarser = payload;
    }
    expect(coarser[0]).toBeGreaterThan(64);
  });

  test('is no finer than the values of its last class reach', () => {
    const numbers = { ...BY_HAND, levels: [SLOTS], classes: [1, 0], values: [[SLOTS], fakeFrequencies(100)] };
    // Two octaves and a half make 100.4 steps of it; a sixteenth of an octave more would be 105.
    const { data, ...shape } = stateOf(1 + 100.4 / 2 ** 2.5, 0);
    const payload = encode({ ...shape, data }, codecOf(numbers), 1000);
    expect(payload[0]).toBe(40);
    expect(decodeHiddenState(payload, codecOf(numbers), 1, 2).data[0]).toBeCloseTo(data[0] ?? NaN, 0);
  });

  test('takes more than its budget where the coarsest steps do', () => {
    const state: HiddenState = { tokens: 20, hidden: 2, data: new Float32Array(40).fill(2) };
    const codec = codecOf({ ...BY_HAND, predictor: [0, 0, 0, 0] });
    const payload = encode(state, codec, 0.5);
    expect([payload[0], payload.length > 10]).toEqual([0, true]);
    expect(decodeHiddenState(payload, codec, 20, 2).data[38]).toBeCloseTo(1 + Math.SQRT1_2, 6);
  });

  test('is a copy, and may come in memory of others', () => {
    const bytes = SharingBytes.amidOthers(bytesOf('01 01 00 04 04'));
    const read = decodeHiddenState(bytes, byHand, 1, 2);
    bytes.fill(0);
    read.data.fill(7);
    expect([...byHand.mean]).toEqual([1, 0]);
  });

  test('of another hidden size is refused on both sides', () => {
    expect(() => encode(stateOf(1, 2, 3), byHand, 5)).toThrow(badFrame);
    const read = () => decodeHiddenState(bytesOf('01 40 03 fc 00'), byHand, 1, 3);
    expect(read).toThrow('A coded payload after layer 4 carries 2 numbers a token, not 3.');
  });

  test('TF5: numbers that are not finite, before or after the transform, are not written', () => {
    for (const broken of [NaN, Infinity, -Infinity]) {
      expect(() => encode(stateOf(broken, 0), byHand, 5)).toThrow(badFrame);
    }
    expect(() => encode(stateOf(3e38, 3e38), byHand, 5)).toThrow('too large to be coded');
    expect(encode(stateOf(3e38, 0), byHand, 5)).toHaveLength(5);
  });

  test.each(['', '01', '01 40 03 fc', '01 40 03 fc 00 00', '01 40 03 fc 01', '01 00 00 00 00', '01 ff ff ff ff'])(
    'other bytes are BAD_FRAME: “%s”',
    (hex) => expect(() => decodeHiddenState(bytesOf(hex), byHand, 1, 2)).toThrow(badFrame),
  );

  test('bytes cut off, put on or made up are BAD_FRAME; changed ones are, or are those of another state', () => {
    const random = seededRandom(23);
    for (let round = 0; round < 200; round++) {
      const codec = codecOf(randomNumbers(random));
      const state = randomState(random, codec.hidden);
      const payload = encode(state, codec, 2 * codec.hidden);
      const anyByte = () => randomInt(random, 0, 255);
      const read = (bytes: Uint8Array) => decodeHiddenState(bytes, codec, state.tokens, codec.hidden);
      const cut = payload.subarray(0, randomInt(random, 0, payload.length - 1));
      const junk = Uint8Array.from({ length: payload.length }, anyByte);
      for (const bytes of [cut, Uint8Array.of(...payload, anyByte()), junk])
        expect(() => read(bytes)).toThrow(badFrame);
      const changed = payload.with(randomInt(random, 0, payload.length - 1), anyByte());
      try {
        expect(read(changed).data).toHaveLength(state.data.length);
      } catch (error) {
        expect(error).toEqual(badFrame);
      }
    }
  });
});
