import { expect, it } from 'vitest';
import { pValueInWords, withSign } from './pair-words';

it('differences have a sign of their own, and none where they round to nothing', () => {
  expect([withSign(4.24, 1), withSign(-0.26, 1), withSign(0.04, 1), withSign(-0.04, 1)]).toEqual([
    '+4.2',
    '−0.3',
    '0.0',
    '0.0',
  ]);
});

it('a p-value never reads as nothing', () => {
  expect([pValueInWords(1), pValueInWords(0.0703), pValueInWords(1e-9)]).toEqual(['1.00', '0.070', 'below 0.001']);
});
