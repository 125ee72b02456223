import { expect, test } from 'vitest';
import { parseBoundedJson } from './bounded-json';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('JSON is read as it is, up to its levels', () => {
  const value = { text: 'a [[[[[[[[[[[[[[[[[[ "b" \\ {', list: [[1], { a: [] }] };
  expect(parseBoundedJson(JSON.stringify(value))).toEqual(value);
  expect(parseBoundedJson(nested(16))).toEqual(JSON.parse(nested(16)));
});

test.each([nested(17), `{"a":${nested(100_000)}}`, '['.repeat(200_000), '{"a":'.repeat(17)])(
  'JSON that is too deep is refused: %.20s',
  (text) => expect(() => parseBoundedJson(text)).toThrow('JSON may have 16 levels.'),
);

test.each(['', '{', '[1', '"', '"\\', 'nothing'])('%j is no JSON', (text) => {
  expect(() => parseBoundedJson(text)).toThrow(SyntaxError);
});
