import { at } from '../numbers/at';
import type { HiddenState } from '../hidden-state';
import type { PolicyData } from './policy-data';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** Pools found by where calibration samples could leave (DIMEE), and by training dynamics (DIMEC-DC). */
export type PoolKind = keyof PolicyData['pools'];

/** Euclidean distances of a sample's embedding to the centroids of easy, moderate and hard samples, as far as measured. */
export type PoolDistances = Readonly<Partial<Record<PoolKind, ArrayLike<number> | undefined>>>;

/** Measures a sample before its first layer; its embedding is the mean of that state over the tokens. */
export function measureDistances(embedded: HiddenState, { pools }: PolicyData): PoolDistances {
  const embedding = meanOverTokens(embedded);
  const distancesTo = (found: PolicyData['pools'][PoolKind]) =>
    found?.centroids.map((centroid) => Math.hypot(...centroid.map((value, unit) => at(embedding, unit) - value)));
  return { dimee: distancesTo(pools.dimee), dimecDc: distancesTo(pools.dimecDc) };
}

/** `[tokens, hidden]` to `[hidden]`. */
function meanOverTokens({ tokens, hidden, data }: HiddenState): Float64Array {
  const means = new Float64Array(hidden);
  for (let index = 0; index < tokens * hidden; index++) {
    means[index % hidden] = (means[index % hidden] ?? 0) + (data[index] ?? 0) / tokens;
  }
  return means;
}
