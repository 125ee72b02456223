import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { hasCode } from '../errors';
import { BY_HAND, codecFile, codecOf, fakeFrequencies, MIDDLE_SPREAD } from '../testing/fake-codecs';
import { parseStateCodec } from './state-codec';

const damaged = expect.toSatisfy((error) => hasCode(error, 'MODEL_FILE_DAMAGED'));

const byHand = codecOf(BY_HAND);

describe('parseStateCodec', () => {
  test('reads every part', () => {
    expect(byHand).toEqual({
      ...{ layer: 4, hidden: 2, fingerprint: 0xfedcba98 },
      mean: Float32Array.of(1, 0),
      encoder: Float32Array.of(1, 1, 0, 1),
      decoder: Float32Array.of(1, -1, 0, 1),
      predictor: Float32Array.of(0.5, 0, 0, 0),
      importance: Float32Array.of(1, 0),
      offset: 0.25,
      codebook: Float32Array.of(0, 0),
      nearness: { directions: Float32Array.of(0, 0), offsets: Float32Array.of(-0) },
      codewords: Uint32Array.of(0, 65_536),
      levels: Uint32Array.of(0, 32_768, 65_536),
      spreads: Uint32Array.of(0, 1, 2, 3, 4, 65_532, 65_533, 65_534, 65_535, 65_536),
      classes: Uint16Array.of(0, 0, 1, 0),
      values: [
        expect.objectContaining({ table: Uint32Array.of(0, 65_536) }),
        expect.objectContaining({ table: Uint32Array.of(0, 1024, 64_512, 65_536) }),
      ],
    });
  });

  test('takes values up to 4,095', () => {
    const numbers = { ...BY_HAND, values: [[65_536], fakeFrequencies(4095)] };
    expect(codecOf(numbers).values[1]?.table).toHaveLength(2 * 4095 + 2);
  });

  const file = codecFile(BY_HAND);
  test.each<[string, Uint8Array, string]>([
    ['cut short', file.subarray(0, file.length - 2), 'has 82 bytes where 84 were expected'],
    ['of half a word more', Uint8Array.of(...file, 0), 'has 85 bytes where 84 were expected'],
    ['of nothing', new Uint8Array(0), 'has 0 bytes'],
    ['with an infinity', codecFile({ ...BY_HAND, decoder: [1, -1, Infinity, 1] }), 'not finite'],
    ['with a predictor of no numbers', codecFile({ ...BY_HAND, predictor: [NaN, 0, 0, 0] }), 'not finite'],
    ['with a codeword of no numbers', codecFile({ ...BY_HAND, codebook: [0, NaN] }), 'not finite'],
    ['with an infinite weight', codecFile({ ...BY_HAND, weights: [1, Infinity] }), 'not finite'],
    ['of too few slots for codewords', codecFile({ ...BY_HAND, codewords: [65_535] }), 'not 65536 together'],
    ['with no number for an offset', codecFile({ ...BY_HAND, offset: NaN }), 'not finite'],
    ['of too many slots', codecFile({ ...BY_HAND, levels: [32_768, 32_769] }), 'not 65536 together'],
    ['of too many slots for spreads', codecFile({ ...BY_HAND, spreads: [...MIDDLE_SPREAD, 2].slice(1) }), 'not 65536'],
    ['of too few slots', codecFile({ ...BY_HAND, values: [[65_535], [63_488, 1024]] }), 'not 65536 together'],
    ['with slots for one side only', codecFile({ ...BY_HAND, values: [[65_536], [64_512, 1024]] }), 'not 65536'],
    ['with a class that is not there', codecFile({ ...BY_HAND, classes: [0, 0, 2, 0] }), 'classes that cannot be'],
    [
      'with values that are too large',
      codecFile({ ...BY_HAND, values: [[65_536], fakeFrequencies(4096)] }),
      'classes that cannot be',
    ],
  ])('a file %s is MODEL_FILE_DAMAGED', (_, bytes, problem) => {
    const listed = { path: 'codecs/layer-04.bin', bytes: 84, sha256: '0'.repeat(64) };
    const parse = () =>
      parseStateCodec(bytes, { layer: toLayer(4), codewords: 1, levels: 2, classes: 2, file: listed }, 2);
    expect(parse).toThrow(damaged);
    expect(parse).toThrow(problem);
  });
});
