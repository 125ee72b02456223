import { expect, test } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { Settings } from '../state/Settings.svelte';
import { OwnFile } from './OwnFile.svelte';

async function opened(text: string): Promise<{ file: OwnFile; settings: Settings }> {
  const settings = new Settings(fakeManifest());
  const file = new OwnFile('a.csv', text, settings);
  await file.read();
  return { file, settings };
}

const FILMS = 'text,verdict\nfine,good\ndull,bad\nso so,meh\nwarm,good\n';

test('recognises what it can, and the person says the rest', async () => {
  const { file } = await opened(FILMS);
  expect(file.understanding.columnNames).toEqual(['text', 'verdict']);
  expect(file.understanding.columns).toEqual({ hasHeader: true, texts: [0], label: undefined });
  expect(file.understanding.fitted?.rows.gold).toBeUndefined();

  file.choose({ label: 1 });
  expect(file.understanding.labelWords.map(({ word }) => word)).toEqual(['good', 'bad', 'meh']);
  expect(file.problem).toMatch(/Say what these labels are for Sentiment: “good” \(2 rows\) names no class/);
  file.setMeaning('good', 1);
  file.setMeaning('bad', 0);
  expect(file.problem).toMatch(/“meh”/);
  file.setMeaning('meh', null);
  expect(file.problem).toBeUndefined();
  expect(file.understanding.fitted).toMatchObject({
    rows: { texts: [['fine'], ['dull'], ['warm']], lines: Uint32Array.of(2, 3, 5), gold: Uint8Array.of(1, 0, 1) },
    misfits: [{ line: 4, reason: 'its label “meh” counts as none' }],
  });
});

test('a column can be chosen only once, and words without end are no labels', async () => {
  const { file } = await opened(FILMS);
  file.choose({ label: 0 });
  expect(file.problem).toBe('Each column can be chosen only once.');
  const many = await opened(`text,id\n${Array.from({ length: 30 }, (_, row) => `film ${row},id${row}`).join('\n')}`);
  many.file.choose({ label: 1 });
  expect(many.file.problem).toContain('“id” has more than 24 different words');
});

test('another task asks for other columns', async () => {
  const { file, settings } = await opened('Good film.\nBad film.\n');
  expect(file.understanding.fitted?.rows.texts).toHaveLength(2);
  await file.setTask('mnli');
  expect(settings.fields.task).toBe('mnli');
  expect(file.problem).toContain('needs two columns of texts, and this file has one column');
});

test('another task may divide lines in another way', async () => {
  const { file } = await opened('entailment,It rains, and how,It is wet\nneutral,It rains, and how,It is May\n');
  expect(file.understanding.fitted?.rows.texts).toHaveLength(2);
  await file.setTask('mnli');
  expect(file.understanding.columns).toMatchObject({ label: 0 });
});

test('read another way, columns are recognised anew', async () => {
  const { file } = await opened('text;label\n"fine, really";positive\ndull;negative\n');
  expect(file.understanding.columns).toEqual({ hasHeader: true, texts: [0], label: 1 });
  await file.read({ delimiter: ',' });
  expect(file.table.width).toBe(1);
  await file.read({ delimiter: ';' });
  expect(file.understanding.fitted?.rows.gold).toEqual(Uint8Array.of(1, 0));
});

test('what may divide lines or belong to the texts is a question, and both answers hold', async () => {
  const { file } = await opened('Warm, wise, positive\nGrey, long, negative\nNice, positive\nNothing here\n');
  expect(file.problem).toMatch(/Say whether the comma divides columns or belongs to the texts/);
  await file.read({ delimiter: '\t' });
  expect(file.problem).toBeUndefined();
  expect(file.understanding.fitted?.rows.texts[0]).toEqual(['Warm, wise, positive']);
});
