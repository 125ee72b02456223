import { expect, test } from 'vitest';
import { recogniseDialect } from '../../core/own-data/dialect';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { Settings } from '../state/Settings.svelte';
import { OwnFile } from './OwnFile.svelte';

async function opened(text: string): Promise<{ file: OwnFile; settings: Settings }> {
  const settings = new Settings(fakeManifest());
  const file = new OwnFile('a.csv', text, settings);
  await file.read(recogniseDialect(text));
  return { file, settings };
}

const FILMS = 'text,verdict\nfine,good\ndull,bad\nso so,meh\nwarm,good\n';

test('recognises what it can, and the person says the rest', async () => {
  const { file } = await opened(FILMS);
  expect(file.columnNames).toEqual(['text', 'verdict']);
  expect(file.columns).toEqual({ hasHeader: true, texts: [0], label: undefined });
  expect(file.fitted?.rows.gold).toBeUndefined();

  file.choose({ label: 1 });
  expect(file.labelWords).toEqual(['good', 'bad', 'meh']);
  expect(file.problem).toBe('No row fits. See below why, and choose other columns.');
  file.setMeaning('good', 1);
  file.setMeaning('bad', 0);
  expect(file.problem).toBeUndefined();
  expect(file.fitted).toEqual({
    rows: { texts: [['fine'], ['dull'], ['warm']], lines: Uint32Array.of(2, 3, 5), gold: Uint8Array.of(1, 0, 1) },
    misfits: [{ line: 4, reason: 'its label “meh” is not given a class' }],
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
  expect(file.fitted?.rows.texts).toHaveLength(2);
  file.setTask('mnli');
  expect(settings.fields.task).toBe('mnli');
  expect(file.problem).toContain('needs two columns of texts, and this file has one column');
});

test('read another way, columns are recognised anew', async () => {
  const { file } = await opened('text;label\n"fine, really";positive\ndull;negative\n');
  expect(file.columns).toEqual({ hasHeader: true, texts: [0], label: 1 });
  await file.read({ delimiter: ',', quoted: true });
  expect(file.table.width).toBe(1);
  await file.read({ delimiter: ';', quoted: true });
  expect(file.fitted?.rows.gold).toEqual(Uint8Array.of(1, 0));
});
