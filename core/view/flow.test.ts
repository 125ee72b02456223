import { describe, expect, it } from 'vitest';
import { flowOf, footX } from './flow';

const box = { width: 300, top: 10, thickness: 100, bottom: 200 };

describe('the flow picture', () => {
  it('loses after each layer what leaves there', () => {
    const flow = flowOf([5, 3, 2], 10, box);
    expect(flow.map(({ arriving }) => arriving)).toEqual([1, 0.5, 0.2]);
    expect(flow.map(({ leaving }) => leaving)).toEqual([0.5, 0.3, 0.2]);
  });

  it('draws no ribbon where nobody leaves, and no stream without samples', () => {
    expect(flowOf([0, 4, 0], 4, box)[0]?.ribbon).toBe('');
    expect(flowOf([0, 0, 0], 0, box).every(({ arriving, ribbon }) => arriving === 0 && ribbon === '')).toBe(true);
  });

  it('keeps every ribbon within its own column', () => {
    for (const { layer, ribbon } of flowOf([10, 10, 10], 30, box)) {
      const xs = [...ribbon.matchAll(/[MHC ](-?[\d.]+) /g)].map(([, x]) => Number(x));
      expect(Math.max(...xs)).toBeLessThanOrEqual(layer * 100);
      expect(footX(layer, 3, box.width)).toBe(100 * (layer - 1) + 60);
    }
  });
});
