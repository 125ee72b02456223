import { describe, expect, test } from 'vitest';
import type { Decision } from '../policies/decision';
import { stretchesOf } from '../layers';
import { parametersOf, defaultParameters, POLICIES, policyById, type PolicyParameters } from '../policies';
import { NOTHING_FITTED } from '../policies/fitted';
import { qualityOfAnswers } from '../summary';
import { fakeCalibration, fakeFitted } from '../testing/fake-policy-files';
import { randomInt, seededRandom } from '../testing/random';
import { calibrateTrace } from './calibrated-trace';
import { expectedLosses, meanLossAt } from './expected-losses';
import { replay, type ScoredTrace, scoreTrace } from './replay';
import { sweep, type SweepPoint } from './sweep';

const random = seededRandom(31);
const rows = 300;
const trace = {
  ...fakeCalibration(rows),
  gold: Uint8Array.from({ length: rows }, () => randomInt(random, 0, 1)),
  saturation: Float32Array.from({ length: rows * 12 }, random),
  poolDistances: Float32Array.from({ length: rows * 3 }, random),
};
const calibrated = calibrateTrace(trace, new Array<number>(12).fill(1));

const plainScores = (decision: Decision): ScoredTrace => scoreTrace(calibrated, decision);

function scoresWithLosses(decision: Decision): ScoredTrace {
  const scored = plainScores(decision);
  return { ...scored, expectedLosses: expectedLosses(scored, decision.fitted) };
}

/** The same, one decision after the other. */
function oneByOne(decisions: readonly Decision[], scoresFor = plainScores): SweepPoint[] {
  return decisions.map((decision) => {
    const scored = scoresFor(decision);
    const exitLayers = replay(scored, decision);
    const exitsByLayer = Array.from(
      { length: 12 },
      (_, index) => exitLayers.filter((layer) => layer === index + 1).length,
    );
    const answers = exitLayers.map((layer, row) => scored.labels[row * 12 + layer - 1] ?? 0);
    const lastLabels = exitLayers.map((_, row) => calibrated.labels[row * 12 + 11] ?? 0);
    const quality = qualityOfAnswers(answers, lastLabels, scored.gold);
    return { exitsByLayer, quality, expectedLoss: meanLossAt(exitLayers, scored) };
  });
}

describe('a sweep says what replaying one by one says', async () => {
  const fitted = await fakeFitted();
  const decide = (id: string, parameters: PolicyParameters): Decision => {
    const policy = policyById(id);
    const route = stretchesOf(policy.route, { mobileLayers: 4, edgeLayers: 8 }, 12);
    return { policy, parameters: { ...defaultParameters(policy, 12), ...parameters }, stretches: route, fitted };
  };

  const movable = POLICIES.flatMap((policy) =>
    parametersOf(policy, 12).map((spec) => [spec.id, policy.id, spec] as const),
  );
  test.each(movable)('when %s of %s moves from one end to the other', (moved, id, { min, max, step }) => {
    const count = Number.isInteger(step) ? Math.min(max - min, 11) : 24;
    const decisions = Array.from({ length: count + 1 }, (_, index) =>
      decide(id, { [moved]: Number.isInteger(step) ? min + index : min + ((max - min) * index) / count }),
    );
    const points = sweep(calibrated, decisions);
    expect(points).toEqual(oneByOne(decisions));
    expect(sweep(calibrated, [...decisions].reverse())).toEqual([...points].reverse());
  });

  test('of a policy that sends each row to a tier of its own, whatever the plan', () => {
    const decisions = [4, 6, 8].map((edgeLayers) => ({
      ...decide('dimee-pools', {}),
      stretches: stretchesOf('cascade', { mobileLayers: 4, edgeLayers }, 12),
    }));
    const points = sweep(calibrated, decisions);
    expect(points).toEqual(oneByOne(decisions));
    expect(points.map(({ exitsByLayer }) => exitsByLayer.filter((exits) => exits > 0).length)).toEqual([2, 3, 3]);
  });

  test('when all thresholds move together', () => {
    const decisions = Array.from({ length: 41 }, (_, index) => {
      const threshold = index / 40;
      return decide('confidence', {
        mobileThreshold: threshold,
        edgeThreshold: threshold ** 2,
        cloudThreshold: threshold / 2,
      });
    });
    const points = sweep(calibrated, decisions);
    expect(points).toEqual(oneByOne(decisions));
    expect(new Set(points.map(({ exitsByLayer }) => exitsByLayer.join())).size).toBeGreaterThan(20);
  });

  test.each(['confidence', 'fusion'])('and what is expected to be lost under %s, where that was asked for', (id) => {
    const decisions = Array.from({ length: 41 }, (_, step) => decide(id, { mobileThreshold: step / 40 }));
    const expected = oneByOne(decisions, scoresWithLosses).map((point) => ({
      ...point,
      expectedLoss: expect.closeTo(point.expectedLoss, 12),
    }));
    expect(sweep(calibrated, decisions, scoresWithLosses)).toEqual(expected);
    expect(sweep(calibrated, decisions).every(({ expectedLoss }) => Number.isNaN(expectedLoss))).toBe(true);
  });

  test('when thresholds move against each other, and policies and plans change in between', () => {
    const decisions = Array.from({ length: 12 }, (_, index) =>
      decide('confidence', { mobileThreshold: index / 12, edgeThreshold: 1 - index / 12 }),
    ).concat(
      decide('all-edge', {}),
      decide('all-cloud', {}),
      decide('entropy', {}),
      decide('entropy', { edgeThreshold: 0.1 }),
      decide('oracle', {}),
    );
    expect(sweep(calibrated, decisions)).toEqual(oneByOne(decisions));
  });

  test('and says what a policy lacks before it asks it anything', () => {
    const decisions = [0.5, 0.6].map((share) => ({ ...decide('quota', { share }), fitted: NOTHING_FITTED }));
    expect(() => sweep(calibrated, decisions)).toThrow('“Quota” needs');
  });

  test('when there is nothing to replay', () => {
    expect(sweep(calibrated, [])).toEqual([]);
  });
});
