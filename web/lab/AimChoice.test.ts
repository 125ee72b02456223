import { expect, test } from 'vitest';
import { AimChoice } from './AimChoice.svelte';
import { aimInWords, rangeInWords, signed } from './comparison-words';

test('what is sought is an allowed loss, or a cost where that is chosen', () => {
  const choice = new AimChoice();
  expect(choice.aim).toEqual({ kind: 'allowedLoss', points: 0.3 });
  choice.allowedLoss = 1.5;
  choice.costCutPercent = 70;
  expect(choice.aim).toEqual({ kind: 'allowedLoss', points: 1.5 });
  expect(aimInWords(choice.aim)).toContain('lose at most 1.5 points');
  choice.kind = 'equalCost';
  expect(choice.aim).toEqual({ kind: 'equalCost', costCutPercent: 70 });
  expect(aimInWords(choice.aim)).toContain('at least 70 % less');
});

test('numbers have a minus that is one, and none at zero', () => {
  expect(signed(-0.234, 2)).toBe('−0.23');
  expect(signed(-0.001, 2)).toBe('0.00');
  expect(rangeInWords([-1, 2.25], 1)).toBe('−1.0 to 2.3');
});
