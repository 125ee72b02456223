import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from './default-model';
import type { Texts, Tokenize } from './tokens';
import { openTokenizer } from './tokenizer';

interface ParitySample {
  readonly texts: Texts;
  readonly inputIds: readonly number[];
  readonly tokenTypeIds: readonly number[];
}

const read = (name: string) =>
  readFile(new URL(`../../public/models/${DEFAULT_MODEL}/${name}`, import.meta.url), 'utf8');
const json = await read('tokenizer.json');

describe('the tokeniser', async () => {
  const { samples } = JSON.parse(await read('parity.json')) as { samples: ParitySample[] };
  const tokenize: Tokenize = await openTokenizer(json, 128);

  test.each(samples)('gives the ids of the Python original for $texts', ({ texts, inputIds, tokenTypeIds }) => {
    const tokens = tokenize(texts);
    expect([...tokens.inputIds]).toEqual(inputIds);
    expect([...tokens.tokenTypeIds]).toEqual(tokenTypeIds);
  });

  test('cuts a text to the model’s length', () => {
    expect(tokenize(['word '.repeat(2000)]).inputIds).toHaveLength(128);
  });

  test('refuses a file that is no tokeniser', async () => {
    await expect(openTokenizer('{}', 128)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });
});
