import { describe, expect, test } from 'vitest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { FakeRuntime } from '../core/testing/fake-runtime';
import { countReadings, readRows, sentencesAmong } from './readings';
import type { Samples } from './samples';

const manifest = fakeManifest();
const runtime = new FakeRuntime({ manifest });
const long = 'word '.repeat(2 * manifest.maxTokens).trim();
const texts = [['a film'], ['unknown'], [`unknown ${long}`], ['an unknown film']] as const;

const given = (rows: Samples['texts'], gold?: readonly number[]): Samples => ({
  ...{ texts: rows, lines: rows.map((_, row) => row + 2), gold, words: undefined },
  read: { name: 'rows.tsv', understood: [], warnings: [], leftOut: [] },
});

describe('rows', () => {
  test('that have no known token are left out, whoever labelled them, and the others keep their numbers', async () => {
    const readings = await readRows(runtime, texts);
    const samples = sentencesAmong(given(texts, [0, 1, 0, 1]), readings);
    expect(samples).toMatchObject({
      ...{ texts: [texts[0], texts[2], texts[3]], lines: [2, 4, 5], gold: [0, 0, 1], indices: [0, 2, 3] },
      ...{ readings: [readings[0], readings[2], readings[3]] },
      read: { leftOut: [{ line: 3, reason: 'has no token that the model knows' }] },
    });
    expect(countReadings(readings)).toEqual({ cut: 1, muchUnknown: 1, noSentence: 1 });
  });

  test('must have one among them', async () => {
    const none = [['unknown'], ['unknown unknown']] as const;
    const readings = await readRows(runtime, none);
    expect(() => sentencesAmong(given(none), readings)).toThrow('No row is a sentence');
  });

  test('are not taken for no sentences where the tokeniser fails', async () => {
    const failing = { tokenize: () => Promise.reject(new Error('gone')) };
    await expect(readRows(failing, texts)).rejects.toThrow('gone');
  });
});
