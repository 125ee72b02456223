import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { ONLINE_POLICIES, OnlineRun } from '../online';
import { traceOf } from '../testing/online';
import { seededRandom } from '../testing/random';
import { ONLINE_SEEDS, priceLearner, tryOnline } from './online-trial';

const random = seededRandom(91);
const evaluation = traceOf(
  Array.from({ length: 50 }, () => {
    const confidences = Array.from({ length: 12 }, (_, index) => 0.51 + 0.48 * random() ** (3 / (index + 1)));
    return { confidences, right: confidences.map((confidence) => random() < confidence) };
  }),
);
const plan = { mobileLayers: 4, edgeLayers: 8 };
const setting = { evaluation, layers: 12, plan, costs: DEFAULT_COSTS, hidden: 384 };

describe.each(ONLINE_POLICIES)('a trial of $name', (policy) => {
  const outcome = tryOnline(policy, setting);
  const runs = ONLINE_SEEDS.map((seed) =>
    new OnlineRun(evaluation, { policy, plan, costs: DEFAULT_COSTS, hidden: 384, seed }).advance(),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const accuracy = mean(runs.map(({ chosen }) => chosen.right / 50));
  const accuracyAtLastExit = (runs[0]?.allCloud.right ?? 0) / 50;
  const meanCost = mean(runs.map(({ chosen }) => chosen.cost / 50));

  test('is the mean of its runs', () => {
    expect(outcome.quality.accuracy).toBeCloseTo(accuracy, 12);
    expect(outcome.quality.accuracyAtLastExit).toBeCloseTo(accuracyAtLastExit, 12);
    expect(outcome.summary.meanCost).toBeCloseTo(meanCost, 12);
    expect(outcome.summary.costCutPercent).toBeCloseTo(100 * (1 - meanCost / 17), 9);
  });

  test('has rows that add up to it', () => {
    expect(outcome.lossPoints).toHaveLength(50);
    expect(mean([...outcome.lossPoints])).toBeCloseTo(100 * (accuracyAtLastExit - accuracy), 9);
    expect(mean([...outcome.costCutPercent])).toBeCloseTo(outcome.summary.costCutPercent, 9);
    const { rows, exitsByLayer, exitsByTier, meanLayers } = outcome.summary;
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    expect([rows, total(exitsByLayer), total(Object.values(exitsByTier))]).toEqual(
      [50, 50, 50].map((n) => expect.closeTo(n, 9)),
    );
    expect(total(exitsByLayer.map((exits, index) => exits * (index + 1))) / 50).toBeCloseTo(meanLayers, 9);
  });
});

test('a tier answers what leaves in its layers', () => {
  const [policy] = ONLINE_POLICIES;
  if (!policy) throw new Error('There is no online policy.');
  const stubborn = { ...policy, start: () => ({ choose: () => 2, learn: () => undefined }) };
  const { exitsByTier, exitsByLayer } = tryOnline(stubborn, setting).summary;
  expect(exitsByTier).toEqual({ mobile: exitsByLayer[2], edge: 0, cloud: exitsByLayer[11] });
});

describe('the price of cost that a learner takes', () => {
  const calibration = traceOf(
    Array.from({ length: 120 }, () => {
      const confidences = Array.from({ length: 12 }, (_, index) => 0.51 + 0.48 * random() ** (3 / (index + 1)));
      return { confidences, right: confidences.map((confidence) => random() < confidence) };
    }),
  );
  const priced = { ...setting, fitted: {} };
  const thresholds = ONLINE_POLICIES.find(({ id }) => id === 'ucb-thresholds');
  if (!thresholds) throw new Error('unreachable');
  const priceFor = (points: number) => priceLearner(thresholds, priced, calibration, { kind: 'allowedLoss', points });

  test('is higher where more may be lost, and all else is as it was', () => {
    const [careful, bold] = [priceFor(1), priceFor(30)];
    expect(bold.parameters.costWeight).toBeGreaterThan(careful.parameters.costWeight ?? 1);
    expect(bold).toMatchObject({ isReached: true, parameters: { thresholds: 11, exploration: 0.1 } });
    expect(bold.expectedLossPoints).toBeLessThanOrEqual(30);
  });

  test('comes nearest where nothing keeps to the aim, and says so', () => {
    const { isReached, expectedLossPoints } = priceFor(-50);
    expect(isReached).toBe(false);
    for (const points of [1, 30]) expect(expectedLossPoints).toBeLessThanOrEqual(priceFor(points).expectedLossPoints);
  });
});
