import { describe, expect, test } from 'vitest';
import { countedReadings, readingOf, readingRemarks, readTexts } from './reading';
import type { TextReading, Texts } from './tokens';

const text = (tokens: number, read = tokens, unknown = 0): TextReading => ({ tokens, read, unknown });
const remarksOf = (...texts: readonly TextReading[]) => readingRemarks(readingOf(texts));

describe('a reading', () => {
  test('adds up the texts and their special tokens', () => {
    expect(readingOf([text(410, 126, 3)])).toMatchObject({ tokens: 412, read: 128, unknown: 3, isCut: true });
    expect(readingOf([text(40), text(50)])).toMatchObject({ tokens: 93, read: 93, unknown: 0, isCut: false });
  });

  test('of which all was read and known has nothing to be said', () => {
    expect(remarksOf(text(12))).toEqual([]);
    expect(remarksOf(text(12, 12, 3), text(5))).toEqual([]);
  });

  test('says how much of how much was read, and of a pair which text was cut', () => {
    expect(remarksOf(text(410, 126))).toEqual(['read 128 of 412 tokens']);
    expect(remarksOf(text(200, 120), text(5))).toEqual(['read 128 of 208 tokens (the first text is cut)']);
    expect(remarksOf(text(5), text(200, 120))).toEqual(['read 128 of 208 tokens (the second text is cut)']);
    expect(remarksOf(text(200, 63), text(200, 62))).toEqual(['read 128 of 403 tokens (both texts are cut)']);
  });

  test('says how much is unknown from a third of a text’s tokens on', () => {
    expect(remarksOf(text(100, 100, 33))).toEqual([]);
    expect(remarksOf(text(3, 3, 1))).toEqual(['33 % unknown tokens']);
    expect(remarksOf(text(100), text(4, 4, 3))).toEqual(['75 % unknown tokens']);
    expect(remarksOf(text(400, 126, 63))).toEqual(['read 128 of 402 tokens', '50 % unknown tokens']);
  });
});

describe('texts are read', () => {
  const runtime = (...readings: readonly TextReading[]) => ({
    tokenize: () => Promise.resolve({ inputIds: new Int32Array(), tokenTypeIds: new Int32Array(), readings }),
  });
  const [one, two]: Texts[] = [['a'], ['a', 'b']];

  test('where each has a known token', async () => {
    expect((await readTexts(runtime(text(3, 3, 2)), one ?? [''])).unknown).toBe(2);
  });

  test.each([
    ['in it', one, [text(0)]],
    ['in it', one, [text(4, 4, 4)]],
    ['in one of its two texts', two, [text(4), text(2, 2, 2)]],
  ])('and are no sentence where the model has no known token %s', async (where, texts = [''], readings) => {
    await expect(readTexts(runtime(...readings), texts)).rejects.toMatchObject({
      code: 'NO_KNOWN_TOKEN',
      message: expect.stringContaining(where),
    });
  });
});

test('readings are counted in words, and none where there is none', () => {
  expect(countedReadings({ cut: 0, muchUnknown: 0, noSentence: 0 })).toEqual([]);
  expect(countedReadings({ cut: 1200, muchUnknown: 2, noSentence: 1 })).toEqual([
    '1,200 cut',
    '2 a third or more unknown',
    '1 without a known token',
  ]);
});
