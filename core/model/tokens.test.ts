import { describe, expect, test } from 'vitest';
import { randomInt, seededRandom } from '../testing/random';
import { assembleTokens, estimatedTokens } from './tokens';

const special = { cls: 101, sep: 102, unknown: 100 };
const ids = (first: number, length: number) => Array.from({ length }, (_, index) => first + index);

/** How many ids of each text are left within `maxTokens`. */
function lengthsLeft(first: number, second: number, maxTokens: number): [number, number] {
  const { inputIds } = assembleTokens([ids(1000, first), ids(2000, second)], special, maxTokens);
  return [inputIds.filter((id) => id >= 1000 && id < 2000).length, inputIds.filter((id) => id >= 2000).length];
}

describe('assembleTokens', () => {
  test('sets one text between [CLS] and [SEP], all of segment 0', () => {
    const { inputIds, tokenTypeIds } = assembleTokens([[7, 8, 9]], special, 128);
    expect([...inputIds]).toEqual([101, 7, 8, 9, 102]);
    expect([...tokenTypeIds]).toEqual([0, 0, 0, 0, 0]);
  });

  test('sets two texts with a [SEP] after each, the second one and its [SEP] of segment 1', () => {
    const { inputIds, tokenTypeIds } = assembleTokens([[7, 8], [9]], special, 128);
    expect([...inputIds]).toEqual([101, 7, 8, 102, 9, 102]);
    expect([...tokenTypeIds]).toEqual([0, 0, 0, 0, 1, 1]);
  });

  test('keeps the special tokens around an empty text', () => {
    expect([...assembleTokens([[]], special, 128).inputIds]).toEqual([101, 102]);
    expect([...assembleTokens([[], [5]], special, 128).inputIds]).toEqual([101, 102, 5, 102]);
  });

  test('cuts a text that is too long at its end', () => {
    expect([...assembleTokens([ids(1, 9)], special, 5).inputIds]).toEqual([101, 1, 2, 3, 102]);
    expect([...assembleTokens([ids(1, 3)], special, 5).inputIds]).toEqual([101, 1, 2, 3, 102]);
  });

  test('cuts both texts of a pair at their ends', () => {
    const { inputIds, tokenTypeIds } = assembleTokens([ids(10, 5), ids(20, 5)], special, 7);
    expect([...inputIds]).toEqual([101, 10, 11, 102, 20, 21, 102]);
    expect([...tokenTypeIds]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });
});

describe('what is read of each text', () => {
  const readingsOf = (texts: readonly (readonly number[])[], maxTokens: number) =>
    assembleTokens(texts, special, maxTokens).readings;

  test('is all of it while there is room, and nothing of an empty one', () => {
    expect(readingsOf([[7, 100, 9], []], 128)).toEqual([
      { tokens: 3, read: 3, unknown: 1 },
      { tokens: 0, read: 0, unknown: 0 },
    ]);
  });

  test('is what is left within the model’s length; unknown tokens beyond it do not count', () => {
    expect(readingsOf([[100, 8, 9, 100]], 5)).toEqual([{ tokens: 4, read: 3, unknown: 1 }]);
    expect(readingsOf([ids(1000, 9), [100, 100, 7]], 10)).toEqual([
      { tokens: 9, read: 4, unknown: 0 },
      { tokens: 3, read: 3, unknown: 2 },
    ]);
  });
});

describe('a pair that is too long is cut as by longest_first in Hugging Face’s tokenizers 0.23.3', () => {
  // Lengths before and after, as the Python package gives them for e5-small-v2.
  test.each([
    [1, 12, 1, 6],
    [12, 1, 6, 1],
    [3, 12, 3, 4],
    [12, 3, 4, 3],
    [4, 4, 3, 4],
    [4, 12, 3, 4],
    [12, 4, 4, 3],
    [5, 4, 4, 3],
    [4, 5, 3, 4],
    [7, 7, 3, 4],
    [0, 12, 0, 7],
    [3, 4, 3, 4],
  ])('10 tokens, an odd room of 7: %i and %i become %i and %i', (first, second, ...left) => {
    expect(lengthsLeft(first, second, 10)).toEqual(left);
  });

  test.each([
    [1, 12, 1, 7],
    [12, 1, 7, 1],
    [3, 12, 3, 5],
    [12, 3, 5, 3],
    [4, 12, 4, 4],
    [12, 4, 4, 4],
    [7, 7, 4, 4],
    [4, 3, 4, 3],
  ])('11 tokens, an even room of 8: %i and %i become %i and %i', (first, second, ...left) => {
    expect(lengthsLeft(first, second, 11)).toEqual(left);
  });
});

test('never more than maxTokens; all of them where the texts would need more; the shorter text is cut last', () => {
  const random = seededRandom(10);
  for (let round = 0; round < 2000; round++) {
    const maxTokens = randomInt(random, 3, 40);
    const [first, second] = [randomInt(random, 0, 40), randomInt(random, 0, 40)];
    const { inputIds, tokenTypeIds } = assembleTokens([ids(1000, first), ids(2000, second)], special, maxTokens);
    expect(inputIds).toHaveLength(Math.min(first + second + 3, maxTokens));
    expect(tokenTypeIds).toHaveLength(inputIds.length);
    const [firstLeft, secondLeft] = lengthsLeft(first, second, maxTokens);
    const [shorter, shorterLeft, longerLeft] =
      first <= second ? [first, firstLeft, secondLeft] : [second, secondLeft, firstLeft];
    if (shorterLeft < shorter) expect(longerLeft - shorterLeft).toBeLessThanOrEqual(1);
    expect(longerLeft).toBeGreaterThanOrEqual(shorterLeft);
    expect(assembleTokens([ids(1, first)], special, maxTokens).inputIds.length).toBeLessThanOrEqual(maxTokens);
  }
});

describe('estimatedTokens', () => {
  test.each([
    [['A fine film.'], 6],
    [['A fine film.', 'Fine'], 9],
    // What the model does not read costs nothing.
    [['long '.repeat(1000)], 128],
  ] as const)('of %j are %i', (texts, tokens) => {
    expect(estimatedTokens(texts, 128)).toBe(tokens);
  });
});
