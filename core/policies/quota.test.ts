import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { exitLayer, exitsWith, sure } from '../testing/exits';
import { withData } from '../testing/fake-policy-files';
import { policyById } from '.';

describe('quota', () => {
  /** Confidences from 0.5 to 1, evenly: a share s of the rows has at most 0.5 + s / 2. */
  const even = Array.from({ length: 21 }, (_, index) => 0.5 + index / 40);
  const fitted = withData({ quantiles: new Array<number[]>(12).fill(even) });
  const last = toLayer(12);
  const place = (layer: number) =>
    ({ layer: toLayer(layer), tier: 'mobile', tierLastLayer: last, lastLayer: last }) as const;
  const thresholdAt = (layer: number, share: number) => policyById('quota').threshold(place(layer), { share }, fitted);

  test('asks for the confidence that so many calibration rows have by then', () => {
    // After layer 1 a fifth shall have left, the surest; after layer 2 two fifths.
    expect([1, 2, 3, 4].map((layer) => thresholdAt(layer, 0.2))).toEqual([
      expect.closeTo(0.9, 12),
      expect.closeTo(0.8, 12),
      expect.closeTo(0.7, 12),
      expect.closeTo(0.6, 12),
    ]);
  });

  test('lies on a straight line between the quantiles that are known', () => {
    expect(thresholdAt(1, 0.22)).toBeCloseTo(0.89, 12);
  });

  test('lets all that is left go once the shares add up to everything, and nothing without a share', () => {
    expect(thresholdAt(5, 0.2)).toBe(0);
    expect(thresholdAt(11, 0)).toBe(Infinity);
  });

  test('sends the chosen share of such rows out at each exit, where exits agree on which are the surest', () => {
    const rows = Array.from({ length: 1000 }, (_, row) =>
      exitsWith(...new Array(12).fill(sure(0.5 + (row + 0.5) / 2000))),
    );
    const layers = rows.map((exits) => exitLayer('quota', { share: 0.3 }, exits, { fitted }));
    const shares = [1, 2, 3, 4, 5].map((layer) => layers.filter((other) => other === layer).length / rows.length);
    expect(shares).toEqual([0.3, 0.3, 0.3, 0.1, 0].map((share) => expect.closeTo(share, 2)));
  });
});
