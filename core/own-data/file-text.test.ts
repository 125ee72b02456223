import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf } from '../testing/bytes';
import { checkFileSize, textOfFile } from './file-text';
import { FILE_LIMITS } from './limits';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('the text of a file', () => {
  test('UTF-8, with or without a mark', () => {
    expect(textOfFile('a.csv', utf8('naïve 🙂'))).toBe('naïve 🙂');
    expect(textOfFile('a.csv', utf8('\uFEFFnaïve'))).toBe('naïve');
  });

  test.each([
    ['little', 'ff fe 68 00 69 00'],
    ['big', 'fe ff 00 68 00 69'],
  ])('UTF-16, %s end first', (_, hex) => {
    expect(textOfFile('a.csv', bytesOf(hex))).toBe('hi');
  });

  test.each([
    ['little', 'utf-16le', 1],
    ['big', 'utf-16be', 0],
  ] as const)('UTF-16 without a mark, %s end first, in Latin and other scripts', (_, encoding, side) => {
    for (const text of ['text,label\nfine,1\n', 'текст\tметка\nхорошо и ладно\t1\nплохо\t0\n']) {
      const bytes = new Uint8Array(text.length * 2);
      [...text].forEach((letter, index) => {
        const code = letter.charCodeAt(0);
        bytes[2 * index + side] = code >> 8;
        bytes[2 * index + 1 - side] = code & 0xff;
      });
      expect(new TextDecoder(encoding).decode(bytes)).toBe(text);
      expect(textOfFile('a.csv', bytes)).toBe(text);
    }
  });

  const windows1252 = new Uint8Array([...utf8('sentence,label\nfine,1\nna'), 0xef, ...utf8('ve,1\n')]);
  test.each<[string, string, Uint8Array<ArrayBuffer>, string]>([
    ['another encoding', 'a.csv', windows1252, 'line 3 has bytes that are no letters. Save it as UTF-8'],
    [
      'an archive',
      'a.zip',
      bytesOf('50 4b 03 04 14 00'),
      'is an archive (zip), and a table of text was expected. Convert it with: unzip',
    ],
    [
      'a workbook',
      'a.csv',
      new Uint8Array([...bytesOf('50 4b 03 04 14 00'), ...utf8('xl/workbook.xml')]),
      "pandas.read_excel('a.csv').to_csv('a.csv.csv', index=False)",
    ],
    ['an old workbook', 'a.xls', bytesOf('d0 cf 11 e0'), "pandas.read_excel('a.xls')"],
    [
      'Parquet',
      'dev.parquet',
      bytesOf('50 41 52 31 15 04'),
      "Convert it with: python -c \"import pandas; pandas.read_parquet('dev.parquet').to_csv(",
    ],
    [
      'Parquet under a name that a shell would read',
      `a'b.parquet`,
      bytesOf('50 41 52 31'),
      "read_parquet('a?b.parquet')",
    ],
    ['gzip', 'a.csv.gz', bytesOf('1f 8b 08 00'), "Convert it with: gunzip -k 'a.csv.gz'"],
    ['a web page that was saved for its file', 'a.csv', utf8('<!DOCTYPE html><html>'), 'is a web page or XML'],
    ['a pointer', 'a.csv', utf8('version https://git-lfs.github.com/spec/v1\noid'), 'fetch it with “git lfs pull”'],
    ['a picture', 'a.png', bytesOf('89 50 4e 47'), 'is a picture'],
    ['machine code', 'a.tsv', bytesOf('7f 45 4c 46 00 00 ff'), 'is not a text file'],
    ['zeros among letters', 'a.tsv', bytesOf('61 62 00 00 63 00 00 64'), 'is not a text file'],
    ['a notebook', 'rows.ipynb', utf8('{"cells": []}'), 'does not have the name of a table'],
    ['only empty lines', 'a.tsv', utf8(' \n\n'), 'has only empty lines'],
  ])('%s is BAD_INPUT, with what to do', (_, name, bytes, problem) => {
    const read = () => textOfFile(name, bytes);
    expect(read).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
    expect(read).toThrow(problem);
  });

  test('sizes: empty, enough and too much', () => {
    expect(() => checkFileSize('a.csv', 0)).toThrow('“a.csv” is empty');
    expect(() => checkFileSize('a.csv', FILE_LIMITS.maxBytes)).not.toThrow();
    expect(() => checkFileSize('a.csv', FILE_LIMITS.maxBytes + 1)).toThrow(
      'has 26 MB; files of up to 25 MB can be read',
    );
  });
});
