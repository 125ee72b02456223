import { allCloudCost, costAt, costCutPercent, type CostWeights } from '../cost';
import { DimeeError } from '../errors';
import { type Plan, stretchesOf, type TierName } from '../layers';
import { type PoolRouting, tierOfNearest } from '../policies/pools';
import { qualityOf, type Quality, type RunSummary } from '../summary';
import type { CalibratedTrace } from './calibrated-trace';

/** What pool routing does to a trace. */
export interface PoolReplay {
  /** The layer at which each row leaves, `[rows]`. */
  readonly exitLayers: Uint8Array;
  /** The cost of each row, `[rows]`. */
  readonly costs: Float64Array;
  readonly summary: RunSummary;
  readonly quality: Quality;
}

/**
 * Routes every row by its recorded distances.
 * @throws DimeeError `BAD_INPUT` for a trace without them.
 */
export function replayPools(
  { trace, labels }: CalibratedTrace,
  { name, column }: PoolRouting,
  plan: Plan,
  costs: CostWeights,
): PoolReplay {
  const { rows, layers, gold } = trace;
  const distances = trace[column];
  if (!distances) {
    throw new DimeeError('BAD_INPUT', `“${name}” needs distances to its pools, which were not recorded here.`);
  }
  const ends = {
    mobile: endOf('mobile', plan, layers, costs),
    edge: endOf('edge', plan, layers, costs),
    cloud: endOf('cloud', plan, layers, costs),
  };
  const exitLayers = new Uint8Array(rows);
  const rowCosts = new Float64Array(rows);
  const exitsByLayer = new Array<number>(layers).fill(0);
  const exitsByTier = { mobile: 0, edge: 0, cloud: 0 };
  for (let row = 0; row < rows; row++) {
    const tier = tierOfNearest(Array.from(distances.subarray(3 * row, 3 * row + 3)));
    const { layer, cost } = ends[tier];
    exitLayers[row] = layer;
    rowCosts[row] = cost;
    exitsByLayer[layer - 1] = (exitsByLayer[layer - 1] ?? 0) + 1;
    exitsByTier[tier]++;
  }
  const meanCost = rowCosts.reduce((sum, cost) => sum + cost, 0) / rows;
  return {
    exitLayers,
    costs: rowCosts,
    summary: {
      ...{ rows, exitsByLayer, exitsByTier, meanCost, allCloudCost: allCloudCost(layers, costs) },
      meanLayers: exitLayers.reduce((sum, layer) => sum + layer, 0) / rows,
      costCutPercent: costCutPercent(meanCost, layers, costs),
    },
    quality: qualityOf(exitLayers, labels, gold, layers),
  };
}

/** Where a sample that goes whole to a tier leaves, and what that costs. */
function endOf(tier: TierName, plan: Plan, layerCount: number, costs: CostWeights) {
  const stretches = stretchesOf(tier, plan, layerCount);
  const layer = stretches.at(-1)?.lastLayer ?? layerCount;
  return { layer, cost: costAt(layer, stretches, costs) };
}
