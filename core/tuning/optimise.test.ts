import { describe, expect, test } from 'vitest';
import { type CostWeights, DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import type { Decision } from '../policies/decision';
import { stretchesOf } from '../layers';
import { parametersOf, POLICIES, policyById } from '../policies';
import { fakeCalibration, fakeFitted } from '../testing/fake-policy-files';
import { randomInt, seededRandom } from '../testing/random';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import type { Frame } from '../policies/decision';
import { type Aim, optimise } from './optimise';
import { type ScoredTrace, scoreKey, scoreTrace } from '../trace/replay';
import type { Trace } from '../trace/trace-file';

const plan = { mobileLayers: 4, edgeLayers: 8 };

function frameOf(id: string, fitted: Frame['fitted'] = {}): Frame {
  const policy = policyById(id);
  return { policy, fitted, stretches: stretchesOf(policy.route, plan, 12) };
}

const known = new Map<string, ScoredTrace>();

/** Fitted once for all decisions that are scored alike. */
function scoredWithLosses(calibrated: CalibratedTrace, decision: Decision): ScoredTrace {
  const key = `${scoreKey(decision)} ${calibrated.trace.rows}`;
  const found = known.get(key);
  if (found) return found;
  const scored = scoreTrace(calibrated, decision);
  const made = { ...scored, expectedLosses: expectedLosses(scored, decision.fitted) };
  known.set(key, made);
  return made;
}

/** What parameters do to a trace, by replaying it. */
function effectOf(calibrated: CalibratedTrace, frame: Frame, parameters: Record<string, number>, costs: CostWeights) {
  const decision = { ...frame, parameters };
  const { exitLayers, summary, quality } = evaluate(calibrated, decision, costs);
  return {
    lossPoints: 100 * (quality.accuracyAtLastExit - quality.accuracy),
    expectedLossPoints: 100 * meanLossAt(exitLayers, scoredWithLosses(calibrated, decision)),
    costCutPercent: summary.costCutPercent,
  };
}

/**
 * Ten rows of two classes whose label changes at most once and settles at a layer: seven are right from layer 1 on, two
 * are wrong up to layer 4 and right from layer 5 on, and one is wrong up to layer 6 and right from layer 7 on.
 */
const settling = calibrateTrace(
  traceOf(
    [...new Array<number>(7).fill(1), 5, 5, 7].map((settled) => layersFrom((layer) => (layer < settled ? 0 : 1))),
  ),
  new Array<number>(12).fill(1),
);

function layersFrom(labelAt: (layer: number) => number): number[][] {
  return Array.from({ length: 12 }, (_, index) => (labelAt(index + 1) === 1 ? [0, 2] : [2, 0]));
}

function traceOf(logits: readonly (readonly (readonly number[])[])[]): Trace {
  const rows = logits.length;
  return {
    ...{ task: 'sst2', split: 'calibration', model: 'fake', rows, layers: 12, classes: 2, isLabelled: true },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(rows).fill(1),
    tokens: new Uint16Array(rows).fill(4),
  };
}

describe('optimise by hand: patience on ten rows', () => {
  // With patience t ≤ 3 all rows leave at layer t + 1: seven are right. With 4, seven leave at layer 5 and are right, the two
  // leave at layer 5 + 4 = 9 and are right, and the one leaves at layer 5 and is wrong. With 5 it leaves at 6 and is wrong.
  // With 6 all are right: seven leave at layer 7, the two at 11, the one at 12. Every exit has the same confidence, so it
  // tells nothing, and every row is expected to lose the mean of its layer: 30 points up to layer 4, 10 at 5 and 6, none
  // from 7 on. With patience 4 that is 10 points of eight rows and none of two, where 10 are counted. In layers and offloading (2 to the edge, 3 on
  // to the cloud) a row costs 1 to 4 on the mobile tier, 7 to 10 on the edge and 14 to 17 on the cloud.
  const cut = (cost: number) => 100 * (1 - cost / 10 / 17);
  const cases: [Aim, number, number, number, number][] = [
    [{ kind: 'allowedLoss', points: 30 }, 0, 30, 30, cut(10 * 1)],
    [{ kind: 'allowedLoss', points: 29.9 }, 4, 8, 10, cut(8 * 7 + 2 * 14)],
    [{ kind: 'allowedLoss', points: 8 }, 4, 8, 10, cut(8 * 7 + 2 * 14)],
    [{ kind: 'allowedLoss', points: 7.9 }, 6, 0, 0, cut(7 * 9 + 2 * 16 + 17)],
    [{ kind: 'allowedLoss', points: 0 }, 6, 0, 0, cut(7 * 9 + 2 * 16 + 17)],
    [{ kind: 'equalCost', costCutPercent: 30 }, 6, 0, 0, cut(7 * 9 + 2 * 16 + 17)],
    [{ kind: 'equalCost', costCutPercent: 50 }, 4, 8, 10, cut(8 * 7 + 2 * 14)],
    [{ kind: 'equalCost', costCutPercent: 60 }, 0, 30, 30, cut(10 * 1)],
  ];
  test.each(cases)('%j: patience %i', (aim, patience, expectedLossPoints, lossPoints, costCutPercent) => {
    expect(optimise(settling, frameOf('patience'), aim, DEFAULT_COSTS)).toEqual({
      parameters: { patience },
      isReached: true,
      // The fits keep the mean of what they are fitted to but for a millionth.
      expectedLossPoints: expect.closeTo(expectedLossPoints, 3),
      lossPoints: expect.closeTo(lossPoints, 9),
      costCutPercent: expect.closeTo(costCutPercent, 9),
    });
  });

  test('says where the aim cannot be reached, and comes as near as can be', () => {
    const aim = { kind: 'equalCost', costCutPercent: 95 } as const;
    const found = optimise(settling, frameOf('patience'), aim, DEFAULT_COSTS);
    expect(found).toMatchObject({ parameters: { patience: 0 }, isReached: false });
  });

  test('goes by the costs that it is given', () => {
    const dearMobile = { ...DEFAULT_COSTS, mobileLayer: 100 };
    const found = optimise(settling, frameOf('all-edge'), { kind: 'allowedLoss', points: 0 }, dearMobile);
    expect(found).toMatchObject({ parameters: {}, costCutPercent: expect.closeTo(100 * (1 - 10 / 17), 9) });
    expect(
      optimise(settling, frameOf('patience'), { kind: 'allowedLoss', points: 30 }, dearMobile).costCutPercent,
    ).toBeLessThan(0);
  });
});

describe('optimise', async () => {
  const random = seededRandom(41);
  const rows = 160;
  const fitted = await fakeFitted();
  const noisy = calibrateTrace(
    {
      ...fakeCalibration(rows),
      gold: Uint8Array.from({ length: rows }, () => randomInt(random, 0, 1)),
      saturation: Float32Array.from({ length: rows * 12 }, random),
      poolDistances: Float32Array.from({ length: rows * 3 }, random),
      dynamicsDistances: Float32Array.from({ length: rows * 3 }, random),
    },
    new Array<number>(12).fill(1),
  );
  const aims: readonly Aim[] = [
    { kind: 'allowedLoss', points: 2 },
    { kind: 'equalCost', costCutPercent: 60 },
  ];

  test.each(POLICIES.map(({ id }) => id))('says of %s’s parameters what replaying them says', (id) => {
    for (const aim of aims) {
      const frame = frameOf(id, fitted);
      const { parameters, isReached, ...effect } = optimise(noisy, frame, aim, DEFAULT_COSTS);
      const replayed = effectOf(noisy, frame, parameters, DEFAULT_COSTS);
      expect(effect.lossPoints).toBeCloseTo(replayed.lossPoints, 9);
      expect(effect.expectedLossPoints).toBeCloseTo(replayed.expectedLossPoints, 8);
      expect(effect.costCutPercent).toBeCloseTo(replayed.costCutPercent, 9);
      const isWithin =
        aim.kind === 'allowedLoss'
          ? replayed.expectedLossPoints <= aim.points + 1e-9
          : replayed.costCutPercent >= aim.costCutPercent - 1e-9;
      expect(isReached).toBe(isWithin);
    }
  });

  test.each(['patience', 'quota', 'ensemble', 'confidence-per-exit'])(
    'finds the best of all the points that %s has',
    (id) => {
      const frame = frameOf(id, fitted);
      const [first, second] = parametersOf(frame.policy, 12);
      // Every value of the first parameter, every tenth of the second.
      const of = (spec: typeof first, every: number) =>
        spec
          ? Array.from({ length: Math.round((spec.max - spec.min) / spec.step / every) + 1 }, (_, index) => ({
              [spec.id]: spec.min + index * every * spec.step,
            }))
          : [{}];
      const all = of(first, 1).flatMap((one) => of(second, 10).map((other) => ({ ...one, ...other })));
      const [aim] = aims;
      const cuts = all
        .map((parameters) => effectOf(noisy, frame, parameters as Record<string, number>, DEFAULT_COSTS))
        .filter(({ expectedLossPoints }) => expectedLossPoints <= 2)
        .map(({ costCutPercent }) => costCutPercent);
      const best = optimise(noisy, frame, aim as Aim, DEFAULT_COSTS).costCutPercent;
      expect(best).toBeGreaterThanOrEqual(Math.max(...cuts) - 1e-9);
      if (!second) expect(best).toBeCloseTo(Math.max(...cuts), 9);
    },
  );

  test('comes, with three thresholds, at least as far as the same threshold on every tier', () => {
    const frame = frameOf('confidence', fitted);
    const alike = Array.from({ length: 201 }, (_, index) =>
      Object.fromEntries(['mobile', 'edge', 'cloud'].map((tier) => [`${tier}Threshold`, index / 200])),
    );
    const cuts = alike
      .map((parameters) => effectOf(noisy, frame, parameters, DEFAULT_COSTS))
      .filter(({ expectedLossPoints }) => expectedLossPoints <= 2)
      .map(({ costCutPercent }) => costCutPercent);
    const found = optimise(noisy, frame, aims[0] as Aim, DEFAULT_COSTS);
    expect(found.costCutPercent).toBeGreaterThanOrEqual(Math.max(...cuts));
  });

  test('takes the values of sliders, leaves hidden parameters and those that change nothing at their defaults', () => {
    const { parameters } = optimise(noisy, frameOf('random-exit'), aims[0] as Aim, DEFAULT_COSTS);
    expect(parameters).toEqual({
      probability: expect.toSatisfy((value) => value === Number(value.toFixed(2))),
      draw: 1,
    });
    const withoutCloud = {
      ...frameOf('confidence'),
      stretches: stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 12 }, 12),
    };
    expect(optimise(noisy, withoutCloud, aims[0] as Aim, DEFAULT_COSTS).parameters).toMatchObject({
      cloudThreshold: 1,
    });
  });

  test('refuses what the policy cannot be replayed on', () => {
    const search = () => optimise(noisy, frameOf('quota'), aims[0] as Aim, DEFAULT_COSTS);
    expect(search).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});
