import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { stretchesOf, toLayer } from '../layers';
import { parametersOf, POLICIES, policyById } from '../policies';
import { fakeCalibration, fakeFitted } from '../testing/fake-policy-files';
import { randomInt, seededRandom } from '../testing/random';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { replay, scoreTrace } from '../trace/replay';
import type { Trace } from '../trace/trace-file';
import { curveOf, pointOf } from './frontier';
import { MOST_POINTS } from '../tuning/frontier-path';
import { decisionIn } from '../policies/decision';
import type { LabSetting } from './setting';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const ones = new Array<number>(12).fill(1);

/**
 * Rows of two classes, all of class 1, whose label changes at most once: wrong before the layer at which they settle, right
 * from it on.
 */
function settling(...layers: readonly number[]): CalibratedTrace {
  const logits = layers.map((settled) =>
    Array.from({ length: 12 }, (_, index) => (index + 1 < settled ? [2, 0] : [0, 2])),
  );
  const trace: Trace = {
    ...{ task: 'sst2', split: 'dev', model: 'fake', rows: layers.length, layers: 12, classes: 2, isLabelled: true },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(layers.length).fill(1),
    tokens: new Uint16Array(layers.length).fill(4),
  };
  return calibrateTrace(trace, ones);
}

describe('the curve of patience, by hand', () => {
  // On the calibration rows: patience 0 has all rows leave at layer 1, seven of them right, at a cost of 1. Up to 3 the same
  // seven are right and it costs more. With 4, seven leave at layer 5 and two, which settle there, at 9: nine are right. With
  // 6 all are right. Nothing dearer is more accurate.
  const calibration = settling(1, 1, 1, 1, 1, 1, 1, 5, 5, 7);
  // On the rows reported on, patience 0 costs 1 and is right on one of two. With 4 the row that settles at 7 has five wrong
  // exits in a row and leaves wrong at 5; with 6 it has six, so that it leaves right at layer 7 + 6 = 13, that is at 12.
  const evaluation = settling(1, 7);
  const setting: LabSetting = {
    evaluation,
    calibration,
    fitted: {},
    layers: 12,
    hidden: 384,
    plan,
    costs: DEFAULT_COSTS,
  };
  const cut = (...costs: number[]) => 100 * (1 - costs.reduce((sum, cost) => sum + cost, 0) / costs.length / 17);

  test('holds the parameters that nothing beats on the calibration rows, measured on the others', () => {
    const { origin, points, accuracyAtLastExit } = curveOf(setting, { policy: 'patience' });
    expect(origin).toBe('calibration');
    expect(accuracyAtLastExit).toBe(1);
    // Edge layers cost 2 for the crossing, cloud layers 3 more: layer 5 costs 7, layer 7 costs 9, layer 12 costs 17.
    expect(
      points.map(({ parameters, accuracy, lossPoints, costCutPercent, meanLayers }) => [
        ...[parameters.patience, accuracy, lossPoints],
        ...[Number(costCutPercent.toFixed(6)), meanLayers],
      ]),
    ).toEqual([
      [6, 1, 0, Number(cut(9, 17).toFixed(6)), 9.5],
      [4, 0.5, 50, Number(cut(7, 7).toFixed(6)), 5],
      [0, 0.5, 50, Number(cut(1, 1).toFixed(6)), 1],
    ]);
  });

  test('has intervals of the same rows drawn anew: none where all rows do alike', () => {
    const { points } = curveOf(setting, { policy: 'patience' });
    // With patience 6 no row is lost; of the two costs a replicate draws one alone, or both.
    expect(points[0]?.lossInterval).toEqual([0, 0]);
    expect(points[0]?.costCutInterval.map((bound) => Number(bound.toFixed(6)))).toEqual([
      Number(cut(17).toFixed(6)),
      Number(cut(9).toFixed(6)),
    ]);
    expect(points[2]?.lossInterval).toEqual([0, 100]);
  });

  test('is chosen on the rows reported on where there is no other split, and says so', () => {
    const { origin, points } = curveOf({ ...setting, calibration: undefined }, { policy: 'patience' });
    expect(origin).toBe('evaluation');
    expect(points.map(({ parameters }) => parameters.patience)).toEqual([6, 0]);
  });
});

describe('curves', async () => {
  const random = seededRandom(5);
  const fitted = await fakeFitted();
  const noisy = (rows: number): CalibratedTrace => {
    const distances = () => Float32Array.from({ length: 3 * rows }, random);
    return calibrateTrace(
      {
        ...fakeCalibration(rows),
        gold: Uint8Array.from({ length: rows }, () => randomInt(random, 0, 1)),
        saturation: Float32Array.from({ length: rows * 12 }, random),
        poolDistances: distances(),
        dynamicsDistances: distances(),
      },
      ones,
    );
  };
  const [evaluation, calibration] = [noisy(60), noisy(80)];
  const setting: LabSetting = { evaluation, calibration, fitted, layers: 12, hidden: 384, plan, costs: DEFAULT_COSTS };

  test.each(POLICIES.map(({ id }) => id))('of %s say what replaying their parameters says', (id) => {
    const { points } = curveOf(setting, { policy: id });
    expect(points.length).toBeGreaterThan(0);
    expect(points.length).toBeLessThanOrEqual(MOST_POINTS + 1);
    for (const { parameters, accuracy, lossPoints, costCutPercent, lossInterval, costCutInterval } of points) {
      const { quality, summary } = evaluate(evaluation, decisionIn(setting, policyById(id), parameters), DEFAULT_COSTS);
      expect([accuracy, costCutPercent]).toEqual([quality.accuracy, summary.costCutPercent]);
      expect(lossPoints).toBeCloseTo(100 * (quality.accuracyAtLastExit - quality.accuracy), 9);
      expect(lossInterval[0]).toBeLessThanOrEqual(lossPoints + 1e-9);
      expect(lossInterval[1]).toBeGreaterThanOrEqual(lossPoints - 1e-9);
      expect(costCutInterval[0]).toBeLessThanOrEqual(costCutPercent + 1e-9);
      expect(costCutInterval[1]).toBeGreaterThanOrEqual(costCutPercent - 1e-9);
    }
  });

  test('are, exit by exit, those of a plain replay', () => {
    const policy = policyById('confidence');
    const stretches = stretchesOf('cascade', plan, 12);
    for (const { parameters, accuracy, meanLayers, costCutPercent } of curveOf(setting, { policy: 'confidence' })
      .points) {
      const decision = { policy, parameters, stretches, fitted };
      const exitLayers = [...replay(scoreTrace(evaluation, decision), decision)];
      const right = exitLayers.filter(
        (layer, row) => evaluation.labels[row * 12 + layer - 1] === evaluation.trace.gold[row],
      );
      const cost = exitLayers.reduce((sum, layer) => sum + costAt(toLayer(layer), stretches, DEFAULT_COSTS), 0) / 60;
      expect(accuracy).toBe(right.length / 60);
      expect(meanLayers).toBeCloseTo(exitLayers.reduce((sum, layer) => sum + layer, 0) / 60, 9);
      expect(costCutPercent).toBeCloseTo(100 * (1 - cost / 17), 9);
    }
  });

  test.each(['confidence', 'confidence-per-exit', 'patience', 'patient-and-confident', 'learned-exit'])(
    'of %s have no point that another beats on the calibration rows, nor one that a random setting beats',
    (id) => {
      const policy = policyById(id);
      const expectedLoss = (parameters: Record<string, number>) => {
        const decision = decisionIn(setting, policy, parameters);
        const scored = scoreTrace(calibration, decision);
        return meanLossAt(replay(scored, decision), { ...scored, expectedLosses: expectedLosses(scored, fitted) });
      };
      const costOf = (parameters: Record<string, number>) =>
        evaluate(calibration, decisionIn(setting, policy, parameters), DEFAULT_COSTS).summary.costCutPercent;
      const path = curveOf({ ...setting, evaluation: calibration }, { policy: id }).points;
      const losses = path.map(({ parameters }) => expectedLoss(parameters));
      expect(losses).toEqual(losses.toSorted((one, other) => one - other));
      expect(new Set(losses).size).toBe(losses.length);
      for (let trial = 0; trial < 50; trial++) {
        const parameters = Object.fromEntries(
          parametersOf(policy, 12).map(({ id: name, min, max, step }) => [
            name,
            Number((min + step * randomInt(random, 0, Math.round((max - min) / step))).toPrecision(12)),
          ]),
        );
        const loss = expectedLoss(parameters);
        const rivals = path.filter((_, index) => (losses[index] ?? 0) <= loss + 0.026);
        // A curve of at most so many points has gaps, and a search does not see everything: 2 points of loss and of cost.
        expect(Math.max(...rivals.map((point) => point.costCutPercent))).toBeGreaterThan(costOf(parameters) - 2);
      }
    },
  );

  test('of baselines hold every depth, whatever it is good for', () => {
    const { origin, points } = curveOf(setting, { policy: 'fixed-exit' });
    const depths = points.map(({ parameters }) => parameters.depth ?? 0);
    expect(origin).toBe('slider');
    expect([Math.min(...depths), Math.max(...depths)]).toEqual([1, 12]);
    expect(curveOf(setting, { policy: 'all-edge' }).points).toHaveLength(1);
  });

  test('go by the plan and the costs', () => {
    const edgeless = {
      ...setting,
      plan: { mobileLayers: 6, edgeLayers: 6 },
      costs: { ...DEFAULT_COSTS, mobileLayer: 3 },
    };
    const [point] = curveOf(edgeless, { policy: 'all-mobile' }).points;
    expect(point?.costCutPercent).toBeCloseTo(100 * (1 - 18 / 17), 9);
  });

  test('refuse a policy whose needs are not met, in words', () => {
    const bare = { ...setting, fitted: {} };
    expect(() => curveOf(bare, { policy: 'quota' })).toThrow(/“Quota” needs numbers fitted/);
    expect(() => curveOf(bare, { policy: 'none' })).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });

  test('are the same every time', () => {
    expect(curveOf(setting, { policy: 'margin' })).toEqual(curveOf(setting, { policy: 'margin' }));
  });

  test('have the point of their own parameters, measured alone', () => {
    for (const point of curveOf(setting, { policy: 'patient-and-confident' }).points) {
      expect(pointOf(setting, { choice: { id: 'patient-and-confident', parameters: point.parameters } })).toEqual(
        point,
      );
    }
  });
});
