import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { taskOf } from '../core/model/manifest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { optionsFor, readEvaluateOptions } from './evaluate-options';
import { labelsOption, readSamples } from './samples';

const folder = await mkdtemp(join(tmpdir(), 'dimee-samples-'));
const manifest = fakeManifest();
afterAll(() => rm(folder, { recursive: true }));

/** Reads a file as the command does, with these flags. */
async function read(content: string | Uint8Array, task: 'sst2' | 'mnli', ...flags: readonly string[]) {
  const file = join(folder, 'rows.txt');
  await writeFile(file, content);
  const source = flags.includes('--sentences') ? [] : ['--file'];
  const argv = ['--task', task, ...flags.filter((flag) => flag !== '--sentences')];
  const where = source.length > 0 ? ['--file', file] : ['--sentences', file];
  return readSamples(optionsFor(readEvaluateOptions([...argv, ...where]), manifest), taskOf(manifest, task));
}

const STARS = 'nr;Satz;Urteil\n1;"Brot; Salz und Gesang";2\n2;Eine graue Stunde;1\n3;Na ja;3\n';

describe('what cannot be known is said by options', () => {
  test('columns by name, where no header was expected, or by number; words by their class', async () => {
    const labels = ['--labels', '2=pos,1=negative,3='];
    for (const [text, label] of [
      ['Satz', 'Urteil'],
      ['2', '3'],
    ] as const) {
      const samples = await read(STARS, 'sst2', '--text-column', text, '--label-column', label, ...labels);
      expect(samples).toMatchObject({
        texts: [['Brot; Salz und Gesang'], ['Eine graue Stunde']],
        gold: [1, 0],
        lines: [2, 3],
      });
      expect(samples.read.leftOut).toEqual([{ line: 4, reason: 'its label “3” counts as none' }]);
    }
  });

  test.each([
    ['--text-column', 'b', '--text-column', 'a'],
    ['--text-column', 'b, a'],
    ['--text-column', '2,1'],
  ])('the two columns of a pair by %j %j', async (...flags) => {
    const { texts, gold } = await read(
      'a\tb\tverdict\nIt rains.\tIt is wet.\tneutral\nIt rains.\tIt is dry.\tcontradiction\n',
      'mnli',
      ...flags,
    );
    expect([texts, gold]).toEqual([
      [
        ['It is wet.', 'It rains.'],
        ['It is dry.', 'It rains.'],
      ],
      [1, 2],
    ]);
  });

  test('the delimiter', async () => {
    const text = 'Warm, wise, positive\nGrey, long, negative\nNice, positive\nNothing here\n';
    await expect(read(text, 'sst2')).rejects.toThrow(/Say whether the comma .* Give --delimiter with its name/);
    expect((await read(text, 'sst2', '--delimiter', 'tab')).texts[0]).toEqual(['Warm, wise, positive']);
  });

  test('that labels are not wanted', async () => {
    const { gold, texts } = await read('text\tlabel\nBread\tgood\nSalt\tbad\n', 'sst2', '--no-labels');
    expect([gold, texts]).toEqual([undefined, [['Bread'], ['Salt']]]);
  });
});

describe('a question is an error with the option to give', () => {
  test.each<[string, string, 'sst2' | 'mnli', readonly string[], RegExp]>([
    [
      'open labels',
      'text\tlabel\nBread\tpos\nSalt\tgrim\n',
      'sst2',
      [],
      /“grim” \(1 row\) names no class.*Give --labels "grim=CLASS", each CLASS one of negative, positive/,
    ],
    ['numbers that may be shifted', 'text\tlabel\nBread\t1\nSalt\t1\n', 'sst2', [], /Give --labels "1=CLASS"/],
    ['too few columns', 'Bread\nSalt\n', 'mnli', [], /needs two columns.*Give --text-column/],
    [
      'a column that is not there',
      STARS,
      'sst2',
      ['--text-column', 'Text'],
      /there is no column “Text”. There are: nr, Satz, Urteil/,
    ],
    ['a column beyond the last', STARS, 'sst2', ['--label-column', '4'], /there is no column “4”/],
    [
      'a word that is not there',
      'text\tlabel\nBread\tpos\n',
      'sst2',
      ['--labels', 'good=positive'],
      /no row has the label “good”. There are: pos/,
    ],
    [
      'a class that is not there',
      'text\tlabel\nBread\tgood\n',
      'sst2',
      ['--labels', 'good=joyful'],
      /has no class “joyful”. Its classes are: negative, positive/,
    ],
    ['one text for a pair', STARS, 'mnli', ['--text-column', 'Satz'], /--text-column must name 2, not 1/],
    [
      'no row that fits',
      'text\tlabel\n\tpos\n',
      'sst2',
      [],
      /has no row that fits: line 2, for one, its text is missing/,
    ],
    ['Parquet', 'PAR1\u0015\u0004', 'sst2', [], /is a Parquet file.*Convert it with: python -c/],
  ])('%s', async (_, content, task, flags, message) => {
    await expect(read(content, task, ...flags)).rejects.toThrow(message);
  });
});

test('sentences alone need no columns; where they carry labels, it is said', async () => {
  const plain = await read('Bread, and salt\nA grey hour\n', 'sst2', '--sentences');
  expect(plain).toMatchObject({ texts: [['Bread, and salt'], ['A grey hour']], gold: undefined });
  expect(plain.read.warnings).toEqual([]);
  const labelled = await read('Bread\tpositive\nSalt\tnegative\n', 'sst2', '--sentences');
  expect(labelled.read.warnings[0]).toContain('seem to carry labels');
});

test('the first rows alone are taken where that is asked for, labels and lines with them', async () => {
  const { texts, lines, gold } = await read('text\tlabel\nBread\t1\n\nSalt\t0\nSong\t1\n', 'sst2', '--limit', '2');
  expect([texts, lines, gold]).toEqual([
    [['Bread'], ['Salt']],
    [2, 4],
    [1, 0],
  ]);
});

test('a file may have more rows than a page takes', async () => {
  const { texts } = await read(`text\tlabel\n${'Bread\t1\nSalt\t0\n'.repeat(60_000)}`, 'sst2');
  expect(texts).toHaveLength(120_000);
});

test('UTF-16 opens as it does in the page', async () => {
  const bytes = Buffer.from('\uFEFFtext\tlabel\r\nnaïve\t1\r\nbare\t0\r\n', 'utf16le');
  expect((await read(bytes, 'sst2')).texts).toEqual([['naïve'], ['bare']]);
});

test('classes are written as --labels takes them', () => {
  const words = new Map([
    ['0', 1],
    ['1', 0],
    ['-', null],
  ] as const);
  expect(labelsOption(words, ['negative', 'positive'])).toBe('--labels "0=positive,1=negative,-="');
});
