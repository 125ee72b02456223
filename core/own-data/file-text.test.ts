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

  const windows1252 = new Uint8Array([...utf8('sentence,label\nfine,1\nna'), 0xef, ...utf8('ve,1\n')]);
  test.each<[string, string, Uint8Array<ArrayBuffer>, string]>([
    ['another encoding', 'a.csv', windows1252, 'line 3 has bytes that are no letters. Save it as UTF-8'],
    ['a workbook', 'a.csv', bytesOf('50 4b 03 04 14 00'), 'is a spreadsheet or an archive (zip)'],
    ['an old workbook', 'a.xls', bytesOf('d0 cf 11 e0'), 'Export the table as CSV or TSV in UTF-8'],
    ['a picture', 'a.png', bytesOf('89 50 4e 47'), 'is a picture'],
    ['machine code', 'a.tsv', bytesOf('7f 45 4c 46 00 00 ff'), 'is not a text file'],
    ['zeros among letters', 'a.tsv', bytesOf('61 00 62 00'), 'is not a text file'],
    ['JSON', 'rows.jsonl', utf8('{"a": 1}'), 'does not have the name of a table'],
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
