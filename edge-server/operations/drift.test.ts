import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/testing/random';
import { type Drift, DriftWatch } from './drift';

const expected = { share: 0.95, rows: 500 };

/** The drifts that a watch finds where samples agree with a probability, and after how many samples it found the first. */
function driftsAt(probability: number, samples: number, seed: number) {
  const [random, watch] = [seededRandom(seed), new DriftWatch()];
  const drifts: (Drift & { readonly after: number })[] = [];
  for (let after = 1; after <= samples; after++) {
    const drift = watch.add(random() < probability, expected);
    if (drift) drifts.push({ ...drift, after });
  }
  return drifts;
}

describe('a drift from 95 % agreement', () => {
  test('to 80 % is found within 200 samples', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [first] = driftsAt(0.8, 200, seed);
      expect(first).toMatchObject({ expected: expect.closeTo(0.95, 6) });
      expect(first?.agreed).toBeLessThan(0.87);
    }
  });

  test('is not found where there is none, nor where samples agree more', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(driftsAt(0.95, 2000, seed)).toEqual([]);
      expect(driftsAt(1, 2000, seed)).toEqual([]);
    }
  });

  test('needs 50 samples, and is looked for anew after it was found', () => {
    const drifts = driftsAt(0, 120, 1);
    expect(drifts.map(({ after }) => after)).toEqual([50, 100]);
    expect(drifts[0]).toMatchObject({ samples: 50, agreed: 0 });
  });
});
