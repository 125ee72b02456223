import { describe, expect, test } from 'vitest';
import { decisionFor, findExit } from './decision';
import { stretchesOf } from '../layers';
import { exitsWith } from '../testing/exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { measureDistances } from './pool-distances';
import { dimecDcPools, dimeePools } from './pools';

describe('the distances of a sample', () => {
  const state = { tokens: 2, hidden: 2, data: Float32Array.of(0, 1, 4, 3) };
  const pools = (...centroids: number[][]) => ({ centroids, shares: [0.5, 0.3, 0.2] });

  test('are those of its mean over the tokens to each centroid, by hand', () => {
    // The mean is (2, 2).
    const data = fakePolicyData({
      pools: { dimee: pools([2, 2], [5, 6], [2, 3]), dimecDc: pools([2, -2], [-1, -2], [2, 2.5]) },
    });
    expect(measureDistances(state, data)).toEqual({ dimee: [0, 5, 1], dimecDc: [4, 5, 0.5] });
  });
});

describe('pool routing by hand', () => {
  const fitted = { data: fakePolicyData() };
  const tierOf = (...dimee: number[]) => dimeePools.tierFor?.({ distances: { dimee } }, fitted);

  test('goes to the nearest pool, of two equally near to the easier one', () => {
    expect([tierOf(1, 2, 3), tierOf(3, 2, 1), tierOf(2, 1, 1), tierOf(1, 1, 1)]).toEqual([
      ...['mobile', 'cloud'],
      ...['edge', 'mobile'],
    ]);
  });

  test('nobody goes to a pool that no sample was in, however near its centroid', () => {
    const { dimee } = fakePolicyData().pools;
    const without = (...shares: number[]) =>
      fakePolicyData({ pools: { dimee: { centroids: dimee?.centroids ?? [], shares } } });
    const tierIn = (data: ReturnType<typeof without>) =>
      dimeePools.tierFor?.({ distances: { dimee: [3, 2, 1] } }, { data });
    expect(tierIn(without(0.7, 0.3, 0))).toBe('edge');
    expect(tierIn(without(1, 0, 0))).toBe('mobile');
    expect(tierIn(without(0.6, 0.3, 0.1))).toBe('cloud');
  });

  test('each policy looks at its own pools, and knows nothing without their distances', () => {
    expect(dimecDcPools.tierFor?.({ distances: { dimee: [1, 2, 3], dimecDc: [3, 2, 1] } }, fitted)).toBe('cloud');
    expect(dimecDcPools.tierFor?.({ distances: { dimee: [1, 2, 3] } }, fitted)).toBeUndefined();
    expect(dimeePools.tierFor?.({}, fitted)).toBeUndefined();
  });

  const certain = exitsWith(...new Array<number[]>(12).fill([0.999, 0.001]));

  test.each([
    ['mobile', [1, 2, 3], { mobileLayers: 4, edgeLayers: 8 }, 4],
    ['edge', [2, 1, 3], { mobileLayers: 4, edgeLayers: 8 }, 8],
    ['cloud', [3, 2, 1], { mobileLayers: 4, edgeLayers: 8 }, 12],
    ['edge', [2, 1, 3], { mobileLayers: 4, edgeLayers: 4 }, 4],
    ['cloud', [3, 2, 1], { mobileLayers: 4, edgeLayers: 12 }, 12],
  ] as const)(
    'a sample of the %s leaves at the last layer of that tier, however sure its exits',
    (tier, dimee, plan, end) => {
      const decision = { policy: dimeePools, parameters: {}, stretches: stretchesOf('cascade', plan, 12), fitted };
      const sample = { distances: { dimee } };
      expect(decisionFor(sample, decision)?.stretches).toEqual(stretchesOf(tier, plan, 12));
      expect(findExit(certain, decision, sample)?.layer).toBe(end);
      expect(findExit(certain.slice(0, end - 1), decision, sample)).toBeUndefined();
      expect(findExit(certain, decision)).toBeUndefined();
    },
  );
});
