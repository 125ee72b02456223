import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from './cost';
import { stretchesOf } from './layers';
import { f1Score, matthewsCorrelation, qualityOf, summarise, summariseCounts } from './summary';
import { randomInt, seededRandom } from './testing/random';

const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);

describe('summarise', () => {
  test('counts exits by layer and tier and averages layers and cost', () => {
    // Costs by exit layer: 1 → 1, 4 → 4, 6 → 8, 12 → 17; all-cloud is 17.
    const summary = summarise([1, 4, 4, 6, 12], 12, stretches, DEFAULT_COSTS);
    expect(summary).toMatchObject({
      rows: 5,
      exitsByLayer: [1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1],
      exitsByTier: { mobile: 3, edge: 1, cloud: 1 },
      meanLayers: 27 / 5,
      meanCost: 34 / 5,
      allCloudCost: 17,
    });
    expect(summary.costCutPercent).toBeCloseTo(60, 12);
  });

  test('is all-cloud’s own cost, and no cut, where every sample goes to the cloud', () => {
    const cloud = stretchesOf('cloud', { mobileLayers: 4, edgeLayers: 8 }, 12);
    const summary = summarise(new Uint8Array(9).fill(12), 12, cloud, DEFAULT_COSTS);
    expect(summary).toMatchObject({ exitsByTier: { mobile: 0, edge: 0, cloud: 9 }, meanCost: 17, costCutPercent: 0 });
  });

  test('has NaN for means without samples', () => {
    const summary = summarise([], 12, stretches, DEFAULT_COSTS);
    expect(summary.rows).toBe(0);
    expect([summary.meanLayers, summary.meanCost, summary.costCutPercent]).toEqual([NaN, NaN, NaN]);
  });

  test('averages what costAt says of each sample', () => {
    const random = seededRandom(4);
    const exitLayers = Array.from({ length: 200 }, () => randomInt(random, 1, 12));
    const total = exitLayers.reduce((sum, layer) => sum + costAt(layer, stretches, DEFAULT_COSTS), 0);
    expect(summarise(exitLayers, 12, stretches, DEFAULT_COSTS).meanCost).toBeCloseTo(total / 200, 12);
  });
});

test('summariseCounts says the same of counts as summarise of samples', () => {
  const ofSamples = summarise([2, 2, 5, 9], 12, stretches, DEFAULT_COSTS);
  expect(summariseCounts([0, 2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], stretches, DEFAULT_COSTS)).toEqual(ofSamples);
});

describe('qualityOf', () => {
  // Two layers; labels by row: (0 then 1), (1 then 1), (1 then 0), (0 then 0).
  const labels = Uint8Array.of(0, 1, 1, 1, 1, 0, 0, 0);
  const gold = Uint8Array.of(1, 1, 1, 1);

  test('judges each row at the layer it left, beside the last exit', () => {
    expect(qualityOf([1, 1, 1, 1], labels, gold, 2)).toEqual({
      accuracy: 2 / 4,
      accuracyAtLastExit: 2 / 4,
      agreementWithLastExit: 2 / 4,
    });
    expect(qualityOf([2, 1, 1, 1], labels, gold, 2)).toEqual({
      accuracy: 3 / 4,
      accuracyAtLastExit: 2 / 4,
      agreementWithLastExit: 3 / 4,
    });
  });

  test('agrees with the last exit wherever rows leave there', () => {
    expect(qualityOf([2, 2, 2, 2], labels, gold, 2).agreementWithLastExit).toBe(1);
  });
});

describe('GLUE’s own measures', () => {
  // Two true positives, one of everything else.
  const [labels, gold] = [Uint8Array.of(1, 1, 1, 0, 0), Uint8Array.of(1, 1, 0, 1, 0)];

  test('f1Score is the harmonic mean of precision and recall of class 1', () => {
    expect(f1Score(labels, gold)).toBeCloseTo(2 / 3, 12);
    expect(f1Score([0, 0], [1, 1])).toBe(0);
  });

  test('matthewsCorrelation is the correlation of labels and gold', () => {
    expect(matthewsCorrelation(labels, gold)).toBeCloseTo(1 / 6, 12);
    expect(matthewsCorrelation([1, 0], [0, 1])).toBe(-1);
    expect(matthewsCorrelation([1, 1], [0, 1])).toBe(0);
  });
});
