import { describe, expect, test } from 'vitest';
import {
  allCloudCost,
  costAt,
  costByExitLayer,
  costCutPercent,
  costPartsAt,
  type CostWeights,
  DEFAULT_COSTS,
} from './cost';
import { type Plan, type Route, type Stretch, stretchAt, stretchesOf, TIERS, toLayer } from './layers';
import { policyById } from './policies';
import { randomInt, seededRandom } from './testing/random';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const costs = (route: Route, chosen: Plan = plan) => costByExitLayer(12, stretchesOf(route, chosen, 12), DEFAULT_COSTS);

describe('the cost of a sample under the defaults of the design', () => {
  test('a cascade pays its layers, 2 to cross to the edge and 3 more to cross to the cloud', () => {
    expect(costs('cascade')).toEqual([1, 2, 3, 4, 7, 8, 9, 10, 14, 15, 16, 17]);
  });

  test('a cascade without edge layers pays 5 to cross straight to the cloud', () => {
    const expected = [1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17];
    expect(costs('cascade', { mobileLayers: 4, edgeLayers: 4 })).toEqual(expected);
  });

  test('a cascade that stays on the mobile tier pays for its layers alone', () => {
    expect(costs('cascade', { mobileLayers: 12, edgeLayers: 12 })).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('all-mobile costs 4, all-edge 2 + 8, all-cloud 5 + 12', () => {
    expect(costs('mobile')[3]).toBe(4);
    expect(costs('edge')[7]).toBe(10);
    expect(costs('cloud')[11]).toBe(17);
    expect(allCloudCost(12, DEFAULT_COSTS)).toBe(17);
  });
});

test('every weight is charged for what it names', () => {
  const weights: CostWeights = {
    mobileLayer: 1,
    edgeLayer: 10,
    cloudLayer: 100,
    mobileToEdge: 1000,
    edgeToCloud: 20_000,
    mobileToCloud: 300_000,
  };
  const at = (layer: number, route: Route, chosen: Plan = plan) =>
    costAt(toLayer(layer), stretchesOf(route, chosen, 12), weights);
  expect(at(12, 'cascade')).toBe(4 * 1 + 4 * 10 + 4 * 100 + 1000 + 20_000);
  expect(at(6, 'cascade')).toBe(4 * 1 + 2 * 10 + 1000);
  expect(at(5, 'cascade', { mobileLayers: 4, edgeLayers: 4 })).toBe(4 * 1 + 1 * 100 + 300_000);
  expect(at(8, 'edge')).toBe(8 * 10 + 1000);
  expect(at(12, 'cloud')).toBe(12 * 100 + 300_000);
  expect(costPartsAt(toLayer(9), stretchesOf('cascade', plan, 12), weights)).toEqual({
    mobile: 4,
    edge: 40,
    cloud: 100,
    offloading: 21_000,
  });
});

describe('for any weights and any plan', () => {
  const random = seededRandom(3);
  const rounds = Array.from({ length: 100 }, () => {
    const mobileLayers = randomInt(random, 1, 12);
    const weight = () => randomInt(random, 0, 80) / 8;
    return {
      plan: { mobileLayers, edgeLayers: randomInt(random, mobileLayers, 12) },
      weights: {
        mobileLayer: weight(),
        edgeLayer: weight(),
        cloudLayer: weight(),
        mobileToEdge: weight(),
        edgeToCloud: weight(),
        mobileToCloud: weight(),
      },
    };
  });

  test('a cost is the sum of its parts, and the parts are the layers each tier ran', () => {
    for (const { plan, weights } of rounds) {
      const stretches = stretchesOf('cascade', plan, 12);
      for (let layer = 1; layer <= 12; layer++) {
        const { mobile, edge, cloud, offloading } = costPartsAt(toLayer(layer), stretches, weights);
        expect(costAt(toLayer(layer), stretches, weights)).toBe(mobile + edge + cloud + offloading);
        const layersOn = TIERS.map((tier) => layersRunOn(tier, layer, stretches));
        expect([mobile, edge, cloud]).toEqual([
          weights.mobileLayer * (layersOn[0] ?? 0),
          weights.edgeLayer * (layersOn[1] ?? 0),
          weights.cloudLayer * (layersOn[2] ?? 0),
        ]);
      }
    }
  });

  test('the policy all-cloud costs exactly what everything is compared with', () => {
    for (const { plan, weights } of rounds) {
      const stretches = stretchesOf(policyById('all-cloud').route, plan, 12);
      expect(costAt(toLayer(12), stretches, weights)).toBe(allCloudCost(12, weights));
    }
  });

  test('a deeper exit never costs less', () => {
    for (const { plan, weights } of rounds) {
      const byLayer = costByExitLayer(12, stretchesOf('cascade', plan, 12), weights);
      expect(byLayer).toEqual([...byLayer].sort((a, b) => a - b));
    }
  });
});

test('the cut against all-cloud is in percent, and negative where the cascade costs more', () => {
  expect(costCutPercent(17, 12, DEFAULT_COSTS)).toBe(0);
  expect(costCutPercent(8.5, 12, DEFAULT_COSTS)).toBe(50);
  expect(costCutPercent(34, 12, DEFAULT_COSTS)).toBe(-100);
  expect(costCutPercent(Number.NaN, 12, DEFAULT_COSTS)).toBeNaN();
});

function layersRunOn(tier: string, exitLayer: number, stretches: readonly Stretch[]): number {
  const layers = Array.from({ length: exitLayer }, (_, index) => index + 1);
  return layers.filter((layer) => stretchAt(stretches, toLayer(layer))?.tier === tier).length;
}
