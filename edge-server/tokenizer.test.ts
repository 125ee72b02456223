import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tokenize } from '../core/model/tokens';
import { DEFAULT_MODEL_FOLDER } from './configuration';
import { readParity } from './testing/parity';
import { openTokenizer } from './tokenizer';

const json = await readFile(join(DEFAULT_MODEL_FOLDER, 'tokenizer.json'), 'utf8');

describe('the tokeniser', async () => {
  const { samples } = await readParity();
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
