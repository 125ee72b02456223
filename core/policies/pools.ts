import { at } from '../numbers/at';
import { type TierName, TIERS } from '../layers';
import { policyDataOf } from './needs';
import { cascade, type Policy } from './policy';
import type { PoolKind } from './pool-distances';

/**
 * Decides before any layer has run: a sample goes whole, as text, to the tier of the pool (easy, moderate or hard) whose
 * centroid is nearest to its embedding, and leaves at that tier's last layer. A pool that no sample was in has no centroid
 * of its own, and nobody goes there. Its cost is that tier's layers and one crossing.
 * How near to the papers: our reconstruction, as they leave details open. The centroids of the shipped model are means of
 * input embeddings, which know words and not their order: on dev they tell samples that need the cloud from others with an
 * AUROC of 0.5 to 0.65. So they are no worse than as many rows sent to each tier at random on any task, and better on two
 * at most, within 95 % intervals: +0.17 points on average (−0.20 to 0.54) for DIMEE, −0.22 (−0.58 to 0.13) for DIMEC-DC, as
 * `npm run compare` prints. Centroids of other rows do not help: fitted on train by the thresholds that rows would leave
 * by, with priors and without empty pools, they gain 0.01 (−0.33 to 0.36) on the calibration split (docs/experiments.md).
 * On that split, from whose rows DIMEE's centroids were made, the shipped ones look better than they are; so nothing else
 * is chosen there for them.
 */
function pools(
  kind: PoolKind,
  distances: 'poolDistances' | 'dynamicsDistances',
  called: Pick<Policy, 'id' | 'name' | 'source'>,
): Policy {
  return cascade({
    ...called,
    group: 'Chosen before computing',
    rule: 'the text goes whole to the tier whose pool is nearest, argmin ‖e − c‖: e is the embedding of the sentence, c the centroid of easy (this device), moderate (edge) or hard (cloud)',
    needs: ['policyData', distances],
    parameters: [],
    tierFor: ({ distances: measured }, fitted) =>
      tierOfNearest(measured?.[kind], policyDataOf(fitted).pools[kind]?.shares ?? []),
    score: () => 0,
    threshold: () => Number.POSITIVE_INFINITY,
  });
}

/** Pools by where calibration samples could leave. */
export const dimeePools = pools('dimee', 'poolDistances', {
  id: 'dimee-pools',
  name: 'DIMEE pools',
  source: 'DIMEE, arXiv 2410.05338 (our reconstruction: the paper leaves details open)',
});

/** Pools by training dynamics: mean and spread of the true class's confidence over epochs. */
export const dimecDcPools = pools('dimecDc', 'dynamicsDistances', {
  id: 'dimec-dc-pools',
  name: 'DIMEC-DC pools',
  source: 'DIMEC-DC, arXiv 2412.16616 (our reconstruction: the paper leaves details open)',
});

/** The tier of the nearest pool that has any, given distances to easy, moderate and hard; of two equally near the easier one. */
function tierOfNearest(distances: ArrayLike<number> | undefined, shares: readonly number[]): TierName | undefined {
  if (!distances) return undefined;
  const inhabited = TIERS.filter((_, pool) => shares[pool] !== 0);
  return inhabited.reduce((nearest, tier) =>
    at(distances, TIERS.indexOf(tier)) < at(distances, TIERS.indexOf(nearest)) ? tier : nearest,
  );
}
