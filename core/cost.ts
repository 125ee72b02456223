import { type LayerIndex, layersUpTo, type Stretch, type TierName } from './layers';

/** Weights of the cost model, in units of one layer on the cloud. The design's defaults stand in `DEFAULT_COSTS`. */
export interface CostWeights {
  /** λm: one layer on the mobile tier. */
  readonly mobileLayer: number;
  /** λe: one layer on the edge tier. */
  readonly edgeLayer: number;
  /** λc: one layer on the cloud tier. */
  readonly cloudLayer: number;
  /** o(m→e): offloading from mobile to edge. */
  readonly mobileToEdge: number;
  /** o(e→c): offloading from edge to cloud. */
  readonly edgeToCloud: number;
  /** o(m→c): offloading from mobile straight to the cloud. */
  readonly mobileToCloud: number;
}

export const DEFAULT_COSTS: CostWeights = {
  mobileLayer: 1,
  edgeLayer: 1,
  cloudLayer: 1,
  mobileToEdge: 2,
  edgeToCloud: 3,
  mobileToCloud: 5,
};

/** What a cost is made of. */
export type CostParts = Readonly<Record<TierName | 'offloading', number>>;

/** A sample's cost by part: λ(tier) · layers run there, and the offloading cost of every crossing. It starts on the mobile tier. */
export function costPartsAt(exitLayer: LayerIndex, stretches: readonly Stretch[], costs: CostWeights): CostParts {
  const perLayer = { mobile: costs.mobileLayer, edge: costs.edgeLayer, cloud: costs.cloudLayer };
  const parts = { mobile: 0, edge: 0, cloud: 0, offloading: 0 };
  let at: TierName = 'mobile';
  for (const { tier, firstLayer, lastLayer } of stretches) {
    if (firstLayer > exitLayer) break;
    parts.offloading += offloadingCost(at, tier, costs);
    parts[tier] += perLayer[tier] * (Math.min(exitLayer, lastLayer) - firstLayer + 1);
    at = tier;
  }
  return parts;
}

/** A sample's cost: the sum of its parts. */
export function costAt(exitLayer: LayerIndex, stretches: readonly Stretch[], costs: CostWeights): number {
  return sumOfParts(costPartsAt(exitLayer, stretches, costs));
}

export function sumOfParts({ mobile, edge, cloud, offloading }: CostParts): number {
  return mobile + edge + cloud + offloading;
}

/** Cost of a sample that leaves at layer 1, 2, … `layerCount`. */
export function costByExitLayer(layerCount: number, stretches: readonly Stretch[], costs: CostWeights): number[] {
  return layersUpTo(layerCount).map((layer) => costAt(layer, stretches, costs));
}

/** What every sample costs when it goes whole to the cloud: o(m→c) + L·λc. */
export function allCloudCost(layerCount: number, costs: CostWeights): number {
  return costs.mobileToCloud + layerCount * costs.cloudLayer;
}

/** Saving against all-cloud in percent; negative where the cascade costs more. */
export function costCutPercent(meanCost: number, layerCount: number, costs: CostWeights): number {
  return 100 * (1 - meanCost / allCloudCost(layerCount, costs));
}

function offloadingCost(from: TierName, to: TierName, costs: CostWeights): number {
  if (from === to) return 0;
  if (from === 'edge') return costs.edgeToCloud;
  return to === 'edge' ? costs.mobileToEdge : costs.mobileToCloud;
}
