import { expect, test } from 'vitest';
import { exitLayer, exitsWith } from '../testing/exits';

test.each([
  ['all-mobile', 4],
  ['all-edge', 8],
  ['all-cloud', 12],
])('%s leaves at layer %i, whatever the exits say', (id, layer) => {
  const certain = exitsWith(...new Array<number[]>(12).fill([0.999, 0.001]));
  expect(exitLayer(id, {}, certain)).toBe(layer);
  expect(exitLayer(id, {}, certain.slice(0, layer - 1))).toBeUndefined();
});
