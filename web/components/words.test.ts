import { expect, test } from 'vitest';
import { en } from '../words/en';
import { edgeText, rangeInWords, signed } from './words';

test('numbers have a minus that is one, and none at zero', () => {
  expect(signed(-0.234, 2)).toBe('−0.23');
  expect(signed(-0.001, 2)).toBe('0.00');
  expect(rangeInWords([-1, 2.25], 1)).toBe('−1.0 to 2.3');
});

test('a page without an edge says that it runs all layers, and asks nobody', () => {
  expect(edgeText({ state: 'none' }, false, en.shell.status)).toBe('No edge: this page runs all layers on this device');
});
