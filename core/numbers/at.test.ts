import { expect, test } from 'vitest';
import { at, lastOf } from './at';

test('an item that must be there is there, or an error says so', () => {
  expect([at(['a', 'b'], 1), at(Float32Array.of(0, 2), 0)]).toEqual(['b', 0]);
  for (const index of [-1, 2, 0.5, Number.NaN]) expect(() => at(['a', 'b'], index)).toThrow(RangeError);
  expect(() => at(['a', 'b'], 7)).toThrow('There is no item 7 in a list of 2.');
});

test('the last item of a list that must have one', () => {
  expect(lastOf([1, 0])).toBe(0);
  expect(() => lastOf([])).toThrow(RangeError);
});
