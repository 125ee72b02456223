import { expect, test } from 'vitest';
import { energyInWords, joules, meanBytes, timesInWords } from './network-words';

test('a stretch of time names its unit once, and one number where both ends read alike', () => {
  expect(timesInWords(2.34, 9.87)).toBe('2.3 to 9.9 ms');
  expect(timesInWords(12.4, 140.6)).toBe('12 to 141 ms');
  expect(timesInWords(12.4, 12.3)).toBe('12 ms');
});

test('mean bytes read as whole ones', () => {
  expect([0, 85.4, 1849.6].map(meanBytes)).toEqual(['0', '85 B', '1.9 kB']);
});

test('energy is in millijoules up to a joule', () => {
  expect([4.25, 47.6, 999.4, 999.6, 12_271].map(joules)).toEqual(['4.3 mJ', '48 mJ', '999 mJ', '1.0 J', '12.3 J']);
});

test('the radio’s tail stands beside compute and sending, where there is one', () => {
  const energy = { computeMillijoules: 40, sendingMillijoules: 8, tailMillijoules: 0 };
  expect(energyInWords(energy)).toBe('48 mJ');
  expect(energyInWords({ ...energy, tailMillijoules: 1700 })).toBe('48 mJ + 1.7 J');
});
