import { describe, expect, test } from 'vitest';
import { inRows, wrapWords } from './text-layout';

describe('wrapWords', () => {
  const wrap = (text: string, width: number) => wrapWords(text, width, ({ length }) => length);

  test('fills each line with as many words as it holds', () => {
    expect(wrap('one two three four', 8)).toEqual(['one two', 'three', 'four']);
    expect(wrap('one two three four', 7)).toEqual(['one two', 'three', 'four']);
    expect(wrap('one two three four', 6)).toEqual(['one', 'two', 'three', 'four']);
  });

  test('leaves a word whole that is wider than a line', () => {
    expect(wrap('an incomprehensible sentence', 10)).toEqual(['an', 'incomprehensible', 'sentence']);
  });
});

describe('inRows', () => {
  const widths = (...all: number[]) => all.map((width) => ({ width }));

  test('begins a new row where the next thing does not fit', () => {
    const rows = inRows(widths(40, 30, 30, 50, 60), 100);
    expect(rows.map((row) => row.map(({ x }) => x))).toEqual([[0, 40, 70], [0], [0]]);
  });

  test('has no rows for nothing, and a row of its own for what is too wide', () => {
    expect(inRows([], 100)).toEqual([]);
    expect(inRows(widths(150, 20), 100).map((row) => row.length)).toEqual([1, 1]);
  });
});
