import { expect, test } from 'vitest';
import { aimInWords } from './comparison-words';

test('an aim is told with its number', () => {
  expect(aimInWords({ kind: 'allowedLoss', points: 1.5 })).toContain('lose at most 1.5 points');
  expect(aimInWords({ kind: 'equalCost', costCutPercent: 70 })).toContain('save at least 70 %');
});
