import { describe, expect, it } from 'vitest';
import { rangeOf } from './frontier-range';

const at = (x: number, y: number) => ({ x, y, words: [] });
const stroke = { colour: '#000', dash: [] };
const curve = {
  id: 'c',
  name: 'C',
  stroke,
  width: 1,
  isProminent: false,
  points: [at(20, 90), at(60, 88), at(95, 50)],
};
const mark = { ...at(0, 91), name: 'All cloud', colour: '#000' };

describe('what of a plane is shown', () => {
  it('is everything, with some room around', () => {
    const { x, y } = rangeOf([curve], [mark], undefined);
    expect(x).toEqual([expect.closeTo(-3.8, 9), expect.closeTo(98.8, 9)]);
    expect(y).toEqual([expect.closeTo(48.36, 9), expect.closeTo(92.64, 9)]);
  });

  it('is, for people who look at small losses, what lies above a level, and nothing to the right of that', () => {
    const { x, y } = rangeOf([curve], [mark], 86);
    expect(x).toEqual([-2.4, 62.4]);
    expect(y).toEqual([86, 91.2]);
  });

  it('has a size where there is one point or none', () => {
    expect(rangeOf([], [mark], undefined)).toEqual({ x: [-0.04, 0.04], y: [90.96, 91.04] });
    expect(rangeOf([], [], undefined)).toEqual({ x: [0, 100], y: [0, 100] });
  });
});
