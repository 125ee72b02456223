import { afterEach, expect, it } from 'vitest';
import { decimal, megabytes, milliseconds, percent, rangeInWords, wholePercent } from '../components/words';
import { count, listed, writeNumbersIn } from './numbers.svelte';

afterEach(() => writeNumbersIn('en'));

const written = () => [
  percent(0.745),
  wholePercent(0.002),
  decimal(0.5),
  rangeInWords([-1, 2.25], 1),
  milliseconds(3.26),
  megabytes(18_000_000),
  count(9815),
  listed(['a', 'b', 'c']),
];

it('English has a point', () => {
  expect(written()).toEqual(['74.5 %', '<1 %', '0.50', '−1.0 to 2.3', '3.3 ms', '18.0 MB', '9,815', 'a, b and c']);
});

it('German has a comma', () => {
  writeNumbersIn('de');
  expect(written()).toEqual(['74,5 %', '<1 %', '0,50', '−1,0 bis 2,3', '3,3 ms', '18,0 MB', '9.815', 'a, b und c']);
});
