import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { randomInt, seededRandom } from '../testing/random';
import { fakeManifest } from '../testing/fake-manifest';
import { taskOf } from '../model/manifest';
import { type Dialect, recogniseDialect } from './dialect';
import { FILE_LIMITS } from './limits';
import { parseTable, type Table } from './table';

const sentiment = taskOf(fakeManifest(), 'sst2');
const dialectOf = (text: string) => recogniseDialect(text, sentiment).dialect;
const breathe = () => Promise.resolve();
const read = (text: string, dialect: Dialect = dialectOf(text)): Promise<Table> => parseTable(text, dialect, breathe);
const fieldsOf = async (text: string, dialect?: Dialect) =>
  (await read(text, dialect)).rows.map(({ fields }) => fields.map((field) => field.trim()));

describe('a dialect is recognised', () => {
  test.each<[string, string, Dialect]>([
    ['tabs', 'sentence\tlabel\ngood, really\t1\nbad\t0\n', { delimiter: '\t', quoted: false }],
    ['commas', 'sentence,label\n"good, really",1\nbad,0\n', { delimiter: ',', quoted: true }],
    ['semicolons, as Excel writes them in half of Europe', 'a;b\n"x, y";1\nz;0\n', { delimiter: ';', quoted: true }],
    ['bars', 'a|b\nx, y|1\nz|0\n', { delimiter: '|', quoted: true }],
    [
      'one column whose texts have commas',
      'Good, or not.\nNever, ever, again.\nFine.\n',
      { delimiter: '\t', quoted: false },
    ],
    [
      'quotation marks in GLUE’s files, which mean themselves',
      'a\tb\n"so "good"\t1\nx\t0\n',
      { delimiter: '\t', quoted: false },
    ],
    ['a mark that opens and never closes among tabs', 'a\tb\n" odd one\t1\nx\t0\n', { delimiter: '\t', quoted: false }],
    ['tabs with quoted fields', 'a\tb\n"one\ttwo"\t1\nx\t0\n', { delimiter: '\t', quoted: true }],
    ['tabs within quoted fields only', '"a\tb"\t1\n"c ""d"""\t0\n', { delimiter: '\t', quoted: true }],
  ])('%s', (_, text, dialect) => {
    expect(recogniseDialect(text, sentiment)).toEqual({ dialect });
  });
});

describe('a table is read', () => {
  test('quotes, doubled quotes, delimiters and line breaks within fields', async () => {
    const text = 'sentence,label\r\n"said ""yes"", twice",1\r\n"two\r\nlines",0\r\nplain,1\r\n';
    expect(await fieldsOf(text)).toEqual([
      ['sentence', 'label'],
      ['said "yes", twice', '1'],
      ['two\r\nlines', '0'],
      ['plain', '1'],
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('lines may end in %j', async (end) => {
    const rows = await fieldsOf(['a\tb', 'one\t1', '', 'two\t0', ''].join(end));
    expect(rows).toEqual([
      ['a', 'b'],
      ['one', '1'],
      ['two', '0'],
    ]);
  });

  test('a mark at the beginning of the file is passed over', async () => {
    expect(await fieldsOf('\uFEFFsentence\tlabel\nx\t1')).toEqual([
      ['sentence', 'label'],
      ['x', '1'],
    ]);
  });

  test('letters of every script and emoji stay as they are', async () => {
    const texts = ['naïve café', '模型很好', 'здравствуй', '🙂🙃', 'مرحبا'];
    expect(await fieldsOf(texts.map((text) => `${text}\t1`).join('\n'))).toEqual(texts.map((text) => [text, '1']));
  });

  test('rows are named by the line they begin at, also below fields of several lines and empty lines', async () => {
    const table = await read('a,b\n"1\n2\n3",x\n\nlast,y\n', { delimiter: ',', quoted: true });
    expect(table.rows.map(({ line }) => line)).toEqual([1, 2, 6]);
  });

  test('ragged rows are kept, and the width is that of most', async () => {
    const table = await read('a\tb\nc\td\ne\nf\tg\th\n');
    expect(table.width).toBe(2);
    expect(table.rows.map(({ fields }) => fields.length)).toEqual([2, 2, 1, 3]);
  });

  test('a row whose quotation marks do not pair is marked, with the lines that it swallowed', async () => {
    const table = await read('a,b\n"x" y,1\n"fine",2\nz,3\n', {
      delimiter: ',',
      quoted: true,
    });
    const problem = 'a quotation mark is not closed, or stands where none may stand';
    expect(table.rows.map(({ line, problem }) => [line, problem])).toEqual([
      [1, undefined],
      [2, `${problem}; with it goes all up to line 3`],
      [4, undefined],
    ]);
  });

  test('a file of many pieces is read as if it were one, and breathes between them', async () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 60_000 }, (_, row) => [
      `${row} ${'word '.repeat(randomInt(random, 1, 8))}"quoted", and\nbroken`.trim(),
      `${row % 2}`,
    ]);
    const text = rows.map(([first = '', second]) => `"${first.replaceAll('"', '""')}",${second}`).join('\n');
    let breaths = 0;
    const table = await parseTable(text, { delimiter: ',', quoted: true }, () => Promise.resolve(void breaths++));
    expect(table.rows.map(({ fields }) => fields)).toEqual(rows);
    expect(table.rows.at(-1)?.line).toBe(2 * 59_999 + 1);
    expect(breaths).toBeGreaterThan(4);
  });

  test('20,000 rows are read in small pieces', async () => {
    const line = (row: number) => `the ${row}th film is neither long nor short\t${row % 2}`;
    const text = Array.from({ length: 20_000 }, (_, row) => line(row)).join('\n');
    let breaths = 0;
    const table = await parseTable(text, dialectOf(text), () => Promise.resolve(void breaths++));
    expect(table.rows).toHaveLength(20_000);
    expect(breaths).toBeGreaterThanOrEqual(text.length / 200_000);
  });

  test('more rows than the page takes are refused, with what to do', async () => {
    const text = 'x\n'.repeat(FILE_LIMITS.maxRows + 1);
    await expect(read(text)).rejects.toSatisfy((error) => hasCode(error, 'LIMIT_EXCEEDED'));
    await expect(read(text)).rejects.toThrow('more than 100,000 rows, the most that is taken. Split it.');
  });

  test('more columns than anybody has are refused', async () => {
    await expect(read('x\t'.repeat(300))).rejects.toThrow('more than 200 columns');
  });
});
