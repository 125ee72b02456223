import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from './cost';
import { type Stretch, stretchesOf, tierAt, TIERS, toLayer } from './layers';
import { f1Score, matthewsCorrelation, qualityOfAnswers, summariseCounts, summariseRows } from './summary';
import { randomInt, seededRandom } from './testing/random';

const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);

/** The summary of rows that all take one way. */
function summarise(exitLayers: readonly number[], way: readonly Stretch[] = stretches) {
  const tiers = exitLayers.map((layer) => TIERS.indexOf(tierAt(way, toLayer(layer))));
  const costs = exitLayers.map((layer) => costAt(toLayer(layer), way, DEFAULT_COSTS));
  return summariseRows({ exitLayers, tiers, costs }, 12, DEFAULT_COSTS);
}

describe('summariseRows', () => {
  test('counts exits by layer and tier and averages layers and cost', () => {
    // Costs by exit layer: 1 → 1, 4 → 4, 6 → 8, 12 → 17; all-cloud is 17.
    const summary = summarise([1, 4, 4, 6, 12]);
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
    const summary = summarise(new Array<number>(9).fill(12), cloud);
    expect(summary).toMatchObject({ exitsByTier: { mobile: 0, edge: 0, cloud: 9 }, meanCost: 17, costCutPercent: 0 });
  });

  test('has NaN for means without samples', () => {
    const summary = summarise([]);
    expect(summary.rows).toBe(0);
    expect([summary.meanLayers, summary.meanCost, summary.costCutPercent]).toEqual([NaN, NaN, NaN]);
  });

  test('takes rows that took ways of their own', () => {
    // One that went whole to the edge, one whole to the cloud, and one that stayed.
    const rows = { exitLayers: [8, 12, 4], tiers: [1, 2, 0], costs: [10, 17, 4] };
    expect(summariseRows(rows, 12, DEFAULT_COSTS)).toMatchObject({
      exitsByTier: { mobile: 1, edge: 1, cloud: 1 },
      meanLayers: 8,
      meanCost: 31 / 3,
    });
  });

  test.each([
    { exitLayers: [13], tiers: [2], costs: [17] },
    { exitLayers: [0], tiers: [0], costs: [0] },
    { exitLayers: [4], tiers: [3], costs: [4] },
    { exitLayers: [4], tiers: [0], costs: [] },
  ])('refuses a row that left nowhere, and counts it for no tier: %j', (rows) => {
    expect(() => summariseRows(rows, 12, DEFAULT_COSTS)).toThrow('Row 0');
  });
});

test('summariseCounts says the same of counts as summariseRows of rows', () => {
  const random = seededRandom(4);
  const exitLayers = Array.from({ length: 200 }, () => randomInt(random, 1, 12));
  const counts = Array.from({ length: 12 }, (_, index) => exitLayers.filter((layer) => layer === index + 1).length);
  const { meanCost, meanLayers, costCutPercent, ...counted } = summariseCounts(counts, stretches, DEFAULT_COSTS);
  const ofRows = summarise(exitLayers);
  expect(ofRows).toMatchObject(counted);
  expect([ofRows.meanCost, ofRows.meanLayers, ofRows.costCutPercent]).toEqual([
    expect.closeTo(meanCost, 12),
    expect.closeTo(meanLayers, 12),
    expect.closeTo(costCutPercent, 9),
  ]);
});

test('qualityOfAnswers judges what each row was answered, beside what the last exit says of it', () => {
  const [lastLabels, gold] = [Uint8Array.of(1, 1, 0, 0), Uint8Array.of(1, 1, 1, 1)];
  expect(qualityOfAnswers([0, 1, 1, 0], lastLabels, gold)).toEqual({
    accuracy: 2 / 4,
    accuracyAtLastExit: 2 / 4,
    agreementWithLastExit: 2 / 4,
  });
  expect(qualityOfAnswers([1, 1, 1, 0], lastLabels, gold)).toEqual({
    accuracy: 3 / 4,
    accuracyAtLastExit: 2 / 4,
    agreementWithLastExit: 3 / 4,
  });
  expect(qualityOfAnswers(lastLabels, lastLabels, gold).agreementWithLastExit).toBe(1);
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
