import { at } from '../numbers/at';
import { type TierName, TIERS } from '../layers';
import { cascade, type Policy } from './policy';
import type { PoolKind } from './pool-distances';

/**
 * Decides before any layer has run: a sample goes whole, as text, to the tier of the pool (easy, moderate or hard) whose
 * centroid is nearest to its embedding, and leaves at that tier's last layer. Its cost is that tier's layers and one
 * crossing. Our reconstruction: the papers leave details open.
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
    tierFor: (sample) => tierOfNearest(sample.distances?.[kind]),
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

/** The tier of the nearest pool, given the distances to easy, moderate and hard; of two equally near the easier one. */
function tierOfNearest(distances: ArrayLike<number> | undefined): TierName | undefined {
  if (!distances) return undefined;
  return TIERS.reduce((nearest, tier, index) =>
    at(distances, index) < at(distances, TIERS.indexOf(nearest)) ? tier : nearest,
  );
}
