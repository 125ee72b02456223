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
const idsOf = (tokenize: Tokenize, text: string) => [...tokenize([text]).inputIds.subarray(1, -1)];
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

  test.each([
    ['[SEP] is [MASK]ed', [1031, 19802, 1033, 2003, 1031, 7308, 1033, 3968]],
    ['[CLS][UNK] [PAD]', [1031, 18856, 2015, 1033, 1031, 4895, 2243, 1033, 1031, 11687, 1033]],
  ])('takes what looks like a special token for text: %s', (text, ids) => {
    expect(idsOf(tokenize, text)).toEqual(ids);
  });

  test('passes over surrogates without their other half', () => {
    expect(idsOf(tokenize, 'fi\ud83dlm \ude00')).toEqual(idsOf(tokenize, 'film'));
  });

  test('leaves case and accents where its file says so', async () => {
    const { normalizer, ...rest } = JSON.parse(json);
    const like = (change: object) => JSON.stringify({ ...rest, normalizer: { ...normalizer, ...change } });
    const cased = await openTokenizer(like({ lowercase: false }), 128);
    expect(idsOf(cased, 'Film film')).toEqual([100, ...idsOf(tokenize, 'film')]);
    const accented = await openTokenizer(like({ strip_accents: false }), 128);
    // Words with é or with the dot above that İ leaves behind are in no piece of the vocabulary.
    expect(idsOf(accented, 'Café İs')).toEqual([100, 100]);
  });

  test('refuses a file that is no tokeniser', async () => {
    await expect(openTokenizer('{}', 128)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    const { model, ...rest } = JSON.parse(json);
    const withoutSep = { ...rest, model: { ...model, vocab: { ...model.vocab, '[SEP]': undefined } } };
    await expect(openTokenizer(JSON.stringify(withoutSep), 128)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });
});
