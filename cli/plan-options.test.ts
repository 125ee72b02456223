import { describe, expect, test } from 'vitest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { planFor } from './plan-options';

const planOf = (layers: number, mobileLayers?: number, edgeLayers?: number) =>
  planFor({ mobileLayers, edgeLayers }, fakeManifest({ layers }));

describe('the plan of a command', () => {
  test('is a third and two thirds of the model’s layers where nobody says otherwise', () => {
    expect(planOf(12)).toEqual({ mobileLayers: 4, edgeLayers: 8 });
    expect(planOf(3)).toEqual({ mobileLayers: 1, edgeLayers: 2 });
    expect(planOf(1)).toEqual({ mobileLayers: 1, edgeLayers: 1 });
  });

  test('follows from what was given', () => {
    expect(planOf(12, 10)).toEqual({ mobileLayers: 10, edgeLayers: 10 });
    expect(planOf(12, undefined, 2)).toEqual({ mobileLayers: 2, edgeLayers: 2 });
    expect(planOf(12, 3, 6)).toEqual({ mobileLayers: 3, edgeLayers: 6 });
  });

  test.each([
    [13, undefined, '--mobile-layers must be at most 12, the layers of this model; not 13.'],
    [4, 13, '--edge-layers must be at most 12, the layers of this model; not 13.'],
    [6, 5, '--edge-layers must be at least --mobile-layers, 6; not 5.'],
  ])('of %j and %j is refused', (mobileLayers, edgeLayers, message) => {
    expect(() => planOf(12, mobileLayers, edgeLayers)).toThrow(message);
  });
});
