import { lastOf } from './numbers/at';

/** Where layers run: the browser's worker, the edge server, the cloud server. */
export const TIERS = ['mobile', 'edge', 'cloud'] as const;
export type TierName = (typeof TIERS)[number];

declare const brand: unique symbol;

/** In types alone: what tells a layer from other numbers. */
export interface LayerBrand {
  readonly [brand]: 'layer';
}

/** A layer of the encoder, counted from 1; the embeddings are layer 0. Neither an index from 0 nor a count goes for one. */
export type LayerIndex = number & LayerBrand;

/** @throws RangeError for what is no whole number from 0 on. */
export function toLayer(number: number): LayerIndex {
  if (isLayer(number)) return number;
  throw new RangeError(`A layer is a whole number from 0 on, not ${number}.`);
}

function isLayer(number: number): number is LayerIndex {
  return Number.isInteger(number) && number >= 0;
}

/** The first layer; what comes before it are the embeddings. */
export const FIRST_LAYER = toLayer(1);

/** Layers 1, 2, … of a network or of a part of it. */
export function layersUpTo(count: number): LayerIndex[] {
  return Array.from({ length: count }, (_, index) => toLayer(index + 1));
}

export function layerAfter(layer: LayerIndex): LayerIndex {
  return toLayer(layer + 1);
}

/** @throws RangeError before the embeddings. */
export function layerBefore(layer: LayerIndex): LayerIndex {
  return toLayer(layer - 1);
}

/** Which tier runs which layers: mobile 1..m, edge m+1..n, cloud the rest. `1 ≤ mobileLayers ≤ edgeLayers ≤ all layers`. */
export interface Plan {
  /** m, how many layers the mobile tier runs. */
  readonly mobileLayers: number;
  /** n, how many the mobile and the edge tier run together; equal to m when the edge runs none. */
  readonly edgeLayers: number;
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
  const lastLayer = { mobile: toLayer(plan.mobileLayers), edge: toLayer(plan.edgeLayers), cloud: toLayer(layerCount) };
  if (route !== 'cascade') return [{ tier: route, firstLayer: FIRST_LAYER, lastLayer: lastLayer[route] }];
  const cascade: Stretch[] = [
    { tier: 'mobile', firstLayer: FIRST_LAYER, lastLayer: lastLayer.mobile },
    { tier: 'edge', firstLayer: layerAfter(lastLayer.mobile), lastLayer: lastLayer.edge },
    { tier: 'cloud', firstLayer: layerAfter(lastLayer.edge), lastLayer: lastLayer.cloud },
  ];
  return cascade.filter((stretch) => stretch.firstLayer <= stretch.lastLayer);
}

/** The way of a sample that goes whole to a tier of a cascade: what that tier and those below it run there, all run by that tier. */
export function wholeTo(tier: TierName, cascade: readonly Stretch[]): readonly Stretch[] {
  const reached = cascade.filter((stretch) => TIERS.indexOf(stretch.tier) <= TIERS.indexOf(tier));
  return [{ tier, firstLayer: FIRST_LAYER, lastLayer: lastLayerOf(reached) }];
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

/** A plan with m or n moved; the other gives way where `m ≤ n` would break. */
export function movedPlan(plan: Plan, change: Partial<Plan>, layerCount: number): Plan {
  const { mobileLayers, edgeLayers } = { ...plan, ...change };
  if (change.edgeLayers === undefined) return clampPlan({ mobileLayers, edgeLayers }, layerCount);
  return clampPlan({ mobileLayers: Math.min(mobileLayers, edgeLayers), edgeLayers }, layerCount);
}
