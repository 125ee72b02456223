import { describe, expect, it } from 'vitest';
import { nearestPoint, pixelOf } from './curves';

const range = { x: [0, 100], y: [80, 90] } as const;
const area = { left: 40, right: 240, top: 10, bottom: 110 };

describe('a plane on its canvas', () => {
  it('has y rise upwards', () => {
    expect(pixelOf({ x: 25, y: 82 }, range, area)).toEqual({ left: 90, top: 90 });
  });

  it('keeps on its rim what lies beyond', () => {
    expect(pixelOf({ x: -20, y: 95 }, range, area)).toEqual({ left: 40, top: 10 });
    expect(pixelOf({ x: 130, y: 20 }, range, area)).toEqual({ left: 240, top: 110 });
  });

  it('finds the point nearest to a pixel as the eye sees it, not by its numbers', () => {
    const points = [
      { x: 10, y: 89 },
      { x: 50, y: 85 },
      { x: 55, y: 81 },
    ];
    expect(nearestPoint(points, { left: 150, top: 65 }, range, area)).toBe(1);
    expect(nearestPoint(points, { left: 150, top: 95 }, range, area)).toBe(2);
    expect(nearestPoint([], { left: 0, top: 0 }, range, area)).toBe(-1);
  });
});
