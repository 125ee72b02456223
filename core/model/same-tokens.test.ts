import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { firstCodePoint, firstMixedString, type TokenHashes } from '../testing/same-tokens';
import { openTokenizer } from './tokenizer';
import type { Tokenize } from './tokens';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const recorded = JSON.parse(await read('core/testing/token-hashes.json')) as TokenHashes;
const NO_CUT = 4096;

describe('the tokens are those of the Python tokeniser', () => {
  // A million code points take their time on a busy machine.
  test.each(Object.entries(recorded.codePoints))(
    'of %s on every code point',
    { timeout: 120_000 },
    async (path, hashes) => {
      const tokenize = await openTokenizer(await read(path), NO_CUT);
      expect(firstCodePoint(tokenize, hashes)).toBeUndefined();
    },
  );

  test.each(Object.entries(recorded.mixedStrings))('of %s on strings of all sorts', async (path, hashes) => {
    const tokenize = await openTokenizer(await read(path), NO_CUT);
    expect(firstMixedString(tokenize, hashes, recorded.mixed)).toBeUndefined();
  });
});

describe('what differs is found', async () => {
  const [path = '', codePoints = ''] = Object.entries(recorded.codePoints)[0] ?? [];
  const tokenize = await openTokenizer(await read(path), NO_CUT);
  /** Takes one text for another. */
  const mistaking =
    (text: string): Tokenize =>
    (texts) =>
      tokenize(texts[0] === text ? ['film'] : texts);

  test('in one code point, with the command that shows Python’s', () => {
    const found = firstCodePoint(mistaking('√ a√b'), codePoints);
    expect(found?.text).toBe('√ a√b');
    expect(found?.tokens).toEqual([...tokenize(['film']).inputIds.subarray(1, -1)]);
    expect(found?.command).toContain('\\u{221a}\\u{20}\\u{61}');
  });

  test('in one string', () => {
    const texts: string[] = [];
    const listening: Tokenize = (given) => (texts.push(given[0]), tokenize(given));
    firstMixedString(listening, recorded.mixedStrings[path] ?? '', recorded.mixed);
    expect(texts).toHaveLength(10_000);
    const last = texts.at(-1) ?? '';
    const found = firstMixedString(mistaking(last), recorded.mixedStrings[path] ?? '', recorded.mixed);
    expect(found?.text).toBe(last);
  });
});
