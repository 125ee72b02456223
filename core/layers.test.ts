import { describe, expect, test } from 'vitest';
import {
  clampPlan,
  defaultPlan,
  type Plan,
  stretchAt,
  stretchesOf,
  tierAt,
  toLayer,
  FIRST_LAYER,
  layerAfter,
  layerBefore,
  type LayerIndex,
  layersUpTo,
} from './layers';

describe('a layer', () => {
  test('is a whole number from 0 on', () => {
    expect([toLayer(0), toLayer(48), ...layersUpTo(3)]).toEqual([0, 48, 1, 2, 3]);
    for (const number of [-1, 0.5, Number.NaN, Infinity]) expect(() => toLayer(number)).toThrow(RangeError);
  });

  test('lies between two others, and nothing before the embeddings', () => {
    expect([layerBefore(FIRST_LAYER), layerAfter(FIRST_LAYER)]).toEqual([0, 2]);
    expect(() => layerBefore(toLayer(0))).toThrow(RangeError);
  });

  test('is no other number, by its type', () => {
    // @ts-expect-error an index may be any number
    const index: LayerIndex = 4;
    expect(stretchAt([], index)).toBeUndefined();
  });
});

/** `mobile 1-4` for each stretch. */
const written = (...args: Parameters<typeof stretchesOf>) =>
  stretchesOf(...args).map(({ tier, firstLayer, lastLayer }) => `${tier} ${firstLayer}-${lastLayer}`);

describe('stretchesOf', () => {
  const plan = { mobileLayers: 4, edgeLayers: 8 };

  test.each<[string, Plan, readonly string[]]>([
    ['three tiers', plan, ['mobile 1-4', 'edge 5-8', 'cloud 9-12']],
    ['no edge layers (m = n)', { mobileLayers: 4, edgeLayers: 4 }, ['mobile 1-4', 'cloud 5-12']],
    ['no cloud layers (n = 12)', { mobileLayers: 4, edgeLayers: 12 }, ['mobile 1-4', 'edge 5-12']],
    ['mobile layers only (m = 12)', { mobileLayers: 12, edgeLayers: 12 }, ['mobile 1-12']],
    ['one layer a tier but the last', { mobileLayers: 1, edgeLayers: 2 }, ['mobile 1-1', 'edge 2-2', 'cloud 3-12']],
  ])('a cascade over %s', (_, chosen, expected) => {
    expect(written('cascade', chosen, 12)).toEqual(expected);
  });

  test('a route to one tier runs every layer up to that tier’s last one there', () => {
    expect(written('mobile', plan, 12)).toEqual(['mobile 1-4']);
    expect(written('edge', plan, 12)).toEqual(['edge 1-8']);
    expect(written('cloud', plan, 12)).toEqual(['cloud 1-12']);
  });

  test('the stretches of every cascade follow each other from layer 1 to the last', () => {
    for (let layerCount = 1; layerCount <= 14; layerCount++) {
      for (let mobileLayers = 1; mobileLayers <= layerCount; mobileLayers++) {
        for (let edgeLayers = mobileLayers; edgeLayers <= layerCount; edgeLayers++) {
          const stretches = stretchesOf('cascade', { mobileLayers, edgeLayers }, layerCount);
          const layers = stretches.flatMap(({ firstLayer, lastLayer }) =>
            Array.from({ length: lastLayer - firstLayer + 1 }, (_, index) => firstLayer + index),
          );
          expect(layers).toEqual(Array.from({ length: layerCount }, (_, index) => index + 1));
        }
      }
    }
  });
});

test('stretchAt finds the stretch by both of its ends, and none outside', () => {
  const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);
  const tiers = [0, 1, 4, 5, 8, 9, 12, 13].map((layer) => stretchAt(stretches, toLayer(layer))?.tier);
  expect(tiers).toEqual([undefined, 'mobile', 'mobile', 'edge', 'edge', 'cloud', 'cloud', undefined]);
});

test('the tier of a layer is one that runs it, never a guess', () => {
  const stretches = stretchesOf('mobile', { mobileLayers: 4, edgeLayers: 8 }, 12);
  expect(tierAt(stretches, toLayer(4))).toBe('mobile');
  expect(() => tierAt(stretches, toLayer(5))).toThrow('There is no layer 5 on this way.');
});

describe('clampPlan', () => {
  test('leaves a valid plan as it is', () => {
    expect(clampPlan({ mobileLayers: 4, edgeLayers: 8 }, 12)).toEqual({ mobileLayers: 4, edgeLayers: 8 });
  });

  test.each<[Plan, Plan]>([
    [
      { mobileLayers: 0, edgeLayers: 0 },
      { mobileLayers: 1, edgeLayers: 1 },
    ],
    [
      { mobileLayers: 6, edgeLayers: 3 },
      { mobileLayers: 6, edgeLayers: 6 },
    ],
    [
      { mobileLayers: 40, edgeLayers: 3 },
      { mobileLayers: 12, edgeLayers: 12 },
    ],
    [
      { mobileLayers: 3.4, edgeLayers: 7.5 },
      { mobileLayers: 3, edgeLayers: 8 },
    ],
  ])('%o becomes %o', (plan, expected) => {
    expect(clampPlan(plan, 12)).toEqual(expected);
  });
});

test.each([
  [1, 1, 1],
  [2, 1, 2],
  [3, 1, 2],
  [5, 1, 3],
  [12, 4, 8],
  [24, 8, 16],
])('a model of %i layers is split after %i and %i where nobody says otherwise', (layers, mobileLayers, edgeLayers) => {
  expect(defaultPlan(layers)).toEqual({ mobileLayers, edgeLayers });
});
