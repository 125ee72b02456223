import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { csvOf } from './csv';

test('a table is read again as it was written, whatever its texts', () => {
  const rows = [
    ['a, "quoted"\nline', -0.5, 12],
    ['Ünïcode ✓', 0, 1e-9],
  ];
  const { data } = Papa.parse<string[]>(csvOf(['text', 'x', 'y'], rows), { skipEmptyLines: true });
  expect(data).toEqual([['text', 'x', 'y'], ...rows.map((row) => row.map(String))]);
});

test.each(['=HYPERLINK("http://a.example")', '+1', '-1', '@sum', '\tx', '＝1', "'=1"])('%j is no formula', (text) => {
  const { data } = Papa.parse<string[]>(csvOf(['text'], [[text]]), { skipEmptyLines: true });
  expect(data[1]).toEqual([`'${text}`]);
});

test('what is not known is empty, and negative numbers stay numbers', () => {
  expect(csvOf(['a', 'b', 'c', 'd'], [[Number.NaN, undefined, null, -3]])).toBe('a,b,c,d\n,,,-3\n');
});
