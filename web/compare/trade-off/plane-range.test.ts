import { describe, expect, it } from 'vitest';
import { regionOf, wholeRange } from './plane-range';

const at = (x: number, y: number) => ({ x, y, words: [] });
const stroke = { colour: '#000', dash: [] };
const curve = {
  ...{ id: 'c', name: 'C', stroke, width: 1, isProminent: false },
  points: [at(60, 0), at(80, -2), at(95, -40)],
};
const mark = { ...at(30, 0), name: 'everything on the device', colour: '#000' };

/** 6 % of what is shown are free on every side. */
const about = (low: number, high: number) => {
  const margin = 0.06 * (high - low);
  return [expect.closeTo(low - margin, 9), expect.closeTo(high + margin, 9)];
};

describe('what of the plane is shown', () => {
  it('is, where curves bend, what loses little; what lies far off is no part of it', () => {
    const { x, y } = regionOf([curve], []);
    expect(x).toEqual(about(60, 80));
    expect(y).toEqual(about(-2, 0));
  });

  it('stays as it is while a point moves on its curve, and has room for one beside it', () => {
    expect(regionOf([curve], [at(70, -12)]).y).toEqual(about(-12, 0));
    expect(regionOf([curve], [at(20, -1)]).x).toEqual(about(20, 80));
  });

  it('has room for the line of the last exit where all curves lie below it', () => {
    const low = { ...curve, points: [at(60, -3), at(70, -4)] };
    expect(regionOf([low], []).y[1]).toBeGreaterThan(0);
  });

  it('is everything, where that is asked for', () => {
    const { x, y } = wholeRange([curve], [mark]);
    expect(x).toEqual(about(30, 95));
    expect(y).toEqual(about(-40, 0));
  });

  it('has a size where there is nothing yet', () => {
    expect(regionOf([], [])).toMatchObject({ x: [0, 100] });
  });
});
