import { lastOf } from './numbers/at';

/** Where layers run: the browser's worker, the edge server, the cloud server. */
export const TIERS = ['mobile', 'edge', 'cloud'] as const;
export type TierName = (typeof TIERS)[number];

/** A layer of the encoder, counted from 1. The embeddings are layer 0. */
export type LayerIndex = number;

/** Which tier runs which layers: mobile 1..m, edge m+1..n, cloud the rest. `1 ≤ mobileLayers ≤ edgeLayers ≤ all layers`. */
export interface Plan {
  /** m, the last layer of the mobile tier. */
  readonly mobileLayers: LayerIndex;
  /** n, the last layer of the edge tier; equal to m when the edge runs none. */
  readonly edgeLayers: LayerIndex;
}

/**
 * How a sample reaches its tiers. `cascade`: compute on the mobile tier, go deeper as needed (SplitEE, DDNN).
 * A tier's name: the sample goes there whole and is answered there (pool routing, and the baselines).
 */
export type Route = 'cascade' | TierName;

/** Consecutive layers that one tier runs, both ends included. */
export interface Stretch {
  readonly tier: TierName;
  readonly firstLayer: LayerIndex;
  readonly lastLayer: LayerIndex;
}

/** The stretches a sample may climb through, in order. The last layer of the last one always exits. */
export function stretchesOf(route: Route, plan: Plan, layerCount: number): readonly Stretch[] {
  const lastLayer = { mobile: plan.mobileLayers, edge: plan.edgeLayers, cloud: layerCount };
  if (route !== 'cascade') return [{ tier: route, firstLayer: 1, lastLayer: lastLayer[route] }];
  const cascade: Stretch[] = [
    { tier: 'mobile', firstLayer: 1, lastLayer: lastLayer.mobile },
    { tier: 'edge', firstLayer: lastLayer.mobile + 1, lastLayer: lastLayer.edge },
    { tier: 'cloud', firstLayer: lastLayer.edge + 1, lastLayer: lastLayer.cloud },
  ];
  return cascade.filter((stretch) => stretch.firstLayer <= stretch.lastLayer);
}

/** The way of a sample that goes whole to a tier of a cascade: what that tier and those below it run there, all run by that tier. */
export function wholeTo(tier: TierName, cascade: readonly Stretch[]): readonly Stretch[] {
  const reached = cascade.filter((stretch) => TIERS.indexOf(stretch.tier) <= TIERS.indexOf(tier));
  return [{ tier, firstLayer: 1, lastLayer: lastLayerOf(reached) }];
}

/** Where every sample leaves that takes these stretches. */
export function lastLayerOf(stretches: readonly Stretch[]): LayerIndex {
  return lastOf(stretches).lastLayer;
}

/** The stretch that a layer belongs to, or undefined past the last one. */
export function stretchAt(stretches: readonly Stretch[], layer: LayerIndex): Stretch | undefined {
  return stretches.find((stretch) => stretch.firstLayer <= layer && layer <= stretch.lastLayer);
}

/** The tier that runs a layer. @throws RangeError past the last one. */
export function tierAt(stretches: readonly Stretch[], layer: LayerIndex): TierName {
  const stretch = stretchAt(stretches, layer);
  if (stretch) return stretch.tier;
  throw new RangeError(`There is no layer ${layer} on this way.`);
}

/** A third of the layers on the mobile tier, a third on the edge, the rest on the cloud: 4 and 8 of 12. */
export function defaultPlan(layerCount: number): Plan {
  const mobileLayers = Math.max(Math.floor(layerCount / 3), 1);
  const edgeLayers = Math.max(Math.floor((2 * layerCount) / 3), mobileLayers + 1);
  return clampPlan({ mobileLayers, edgeLayers }, layerCount);
}

/** The nearest valid plan: m within 1..layers, n within m..layers. */
export function clampPlan(plan: Plan, layerCount: number): Plan {
  const mobileLayers = Math.min(Math.max(Math.round(plan.mobileLayers), 1), layerCount);
  const edgeLayers = Math.min(Math.max(Math.round(plan.edgeLayers), mobileLayers), layerCount);
  return { mobileLayers, edgeLayers };
}
