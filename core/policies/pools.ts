import { argmax } from '../exits';
import { type TierName, TIERS } from '../layers';

/**
 * Decides before any layer has run: a sample goes whole, as text, to the tier of the pool (easy, moderate or hard) whose
 * centroid is nearest to its embedding, and leaves at that tier's last layer. Its cost is that tier's layers and one
 * crossing. Our reconstruction: the papers leave details open.
 */
export interface PoolRouting {
  readonly id: string;
  readonly name: string;
  /** The rule in the field's symbols. */
  readonly rule: string;
  readonly source: string;
  /** The column of a trace that has the distances to its centroids. */
  readonly column: 'poolDistances' | 'dynamicsDistances';
}

const RULE = 'send the text to argmin ‖e − c‖ over the centroids of easy (mobile), moderate (edge), hard (cloud)';

/** Pools by where calibration samples could leave. */
export const dimeePools: PoolRouting = {
  id: 'dimee-pools',
  name: 'DIMEE pools',
  rule: RULE,
  source: 'DIMEE, arXiv 2410.05338 (our reconstruction: the paper leaves details open)',
  column: 'poolDistances',
};

/** Pools by training dynamics: mean and spread of the true class's confidence over epochs. */
export const dimecDcPools: PoolRouting = {
  id: 'dimec-dc-pools',
  name: 'DIMEC-DC pools',
  rule: RULE,
  source: 'DIMEC-DC, arXiv 2412.16616 (our reconstruction: the paper leaves details open)',
  column: 'dynamicsDistances',
};

export const POOL_ROUTINGS: readonly PoolRouting[] = [dimeePools, dimecDcPools];

/** The tier of the nearest pool, given the distances to easy, moderate and hard; of two equally near the easier one. */
export function tierOfNearest(distances: readonly number[]): TierName {
  return TIERS[argmax(distances.map((distance) => -distance))] ?? 'cloud';
}
