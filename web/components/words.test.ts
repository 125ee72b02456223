import { expect, test } from 'vitest';
import { rangeInWords, signed } from './words';

test('numbers have a minus that is one, and none at zero', () => {
  expect(signed(-0.234, 2)).toBe('−0.23');
  expect(signed(-0.001, 2)).toBe('0.00');
  expect(rangeInWords([-1, 2.25], 1)).toBe('−1.0 to 2.3');
});
