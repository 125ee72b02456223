import { describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../core/model/default-model';
import type { Texts } from '../core/model/tokens';
import { openTokenizer } from './tokenizer';

interface ParitySample {
  readonly texts: Texts;
  readonly inputIds: readonly number[];
  readonly tokenTypeIds: readonly number[];
}

const files = import.meta.glob<string>('../public/models/*/{tokenizer,parity}.json', {
  query: '?raw',
  import: 'default',
});
const readFile = async (name: string) => (await files[`../public/models/${DEFAULT_MODEL}/${name}`]?.()) ?? '';

describe('the tokeniser', async () => {
  const { samples } = JSON.parse(await readFile('parity.json')) as { samples: ParitySample[] };
  const tokenize = await openTokenizer(await readFile('tokenizer.json'), 128);

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
