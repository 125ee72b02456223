import { expect, test } from 'vitest';
import { aimInWords, rangeInWords, signed } from './comparison-words';

test('an aim is told with its number', () => {
  expect(aimInWords({ kind: 'allowedLoss', points: 1.5 })).toContain('lose at most 1.5 points');
  expect(aimInWords({ kind: 'equalCost', costCutPercent: 70 })).toContain('at least 70 % less');
});

test('numbers have a minus that is one, and none at zero', () => {
  expect(signed(-0.234, 2)).toBe('−0.23');
  expect(signed(-0.001, 2)).toBe('0.00');
  expect(rangeInWords([-1, 2.25], 1)).toBe('−1.0 to 2.3');
});
