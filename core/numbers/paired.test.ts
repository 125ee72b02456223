import { expect, it } from 'vitest';
import { pairedDifference } from './paired';

it('is the interval of Agresti and Min for worked counts', () => {
  // 16 and 5 of 100: first 16.5, second 5.5 of 102; 0.10784 ± 1.959964 · sqrt(22 − 121/102) / 102.
  const [low, high] = pairedDifference(16, 5, 100);
  expect([low, high].map((bound) => bound.toFixed(4))).toEqual(['0.0202', '0.1955']);
});

it('is not of no width where no row tells, and holds nothing', () => {
  const [low, high] = pairedDifference(0, 0, 10);
  expect(low).toBeLessThan(-0.1);
  expect(high).toBe(-low);
});

it('turns round where the two are exchanged', () => {
  const [low, high] = pairedDifference(7, 2, 60);
  expect(pairedDifference(2, 7, 60)).toEqual([-high, -low]);
});
