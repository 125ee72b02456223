import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { stretchesOf } from '../layers';
import { spinn } from '../policies/spinn';
import { withData } from '../testing/fake-policy-files';
import { randomInt, randomLogits, seededRandom } from '../testing/random';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { scoreTrace } from '../trace/replay';
import type { Trace } from '../trace/trace-file';
import type { Equipment } from './equipment';
import { jointPlan } from './joint-plan';
import { modelRun } from './network-run';
import { accessOf, NETWORKS } from './profiles';
import { traceJourneys } from './trace-journeys';

const custom = { roundTripMs: 1000, upMbps: 1, downMbps: 1, jitterMs: 0 };
const slow = accessOf('custom', custom);
const fast = accessOf('custom', { roundTripMs: 1, upMbps: 1000, downMbps: 1000, jitterMs: 0 });

function equipmentOf(layers: number): Equipment {
  return {
    layerMs: { mobile: 8, edge: 4, cloud: 2 },
    edgeToCloudMs: 1,
    stateBytesPerToken: new Array<number>(layers).fill(388),
  };
}

function traceOf(logits: readonly number[], gold: readonly number[], tokens: readonly number[]): CalibratedTrace {
  const [rows, layers] = [gold.length, logits.length / 2 / gold.length];
  const trace: Trace = {
    ...{ task: 'sst2', split: 'calibration', model: 'fake', rows, layers, classes: 2, isLabelled: true },
    logits: Float32Array.from(logits),
    gold: Uint8Array.from(gold),
    tokens: Uint16Array.from(tokens),
  };
  return calibrateTrace(trace, new Array<number>(layers).fill(1));
}

/** An exit that says 1, the right label, or 0 with this confidence. */
const says = (label: number, p: number) => (label === 1 ? [0, Math.log(p / (1 - p))] : [Math.log(p / (1 - p)), 0]);

describe('a joint plan', () => {
  // Three rows are right and sure at once; the fourth is wrong until the last of three layers.
  const sure = [...says(1, 0.95), ...says(1, 0.95), ...says(1, 0.95)];
  const late = [...says(0, 0.6), ...says(0, 0.702), ...says(1, 0.9)];
  const trace = traceOf([...sure, ...sure, ...sure, ...late], [1, 1, 1, 1], [32, 32, 32, 32]);
  const equipment = equipmentOf(3);
  /** What is less sure than 0.8 is expected to lose a whole answer, and what is surer nothing. */
  const step = { changes: { weight: -1000, bias: 1000 * Math.log(4) }, lastIsRight: { weight: 0, bias: 30 } };
  const fitted = withData({ expectedLosses: [step, step] });

  it('keeps every layer on the mobile tier where a round trip takes longer than they do', () => {
    const found = jointPlan(trace, equipment, slow, { kind: 'allowedLoss', points: 0 }, fitted);
    expect(found).toMatchObject({ plan: { mobileLayers: 3, edgeLayers: 3 }, isReached: true });
    expect(found.expectedLossPoints).toBeCloseTo(0, 9);
    // The fourth row is wrong up to a confidence of 0.702. Layers of 8 ms: one for three rows, three for the fourth.
    expect(found.threshold).toBe(0.705);
    expect(found.meanMs).toBeCloseTo((3 * 8 + 24) / 4, 9);
  });

  it('hands on at once where the network is fast and the cloud is faster than the rest', () => {
    const found = jointPlan(trace, equipment, fast, { kind: 'allowedLoss', points: 0 }, fitted);
    expect(found).toMatchObject({ plan: { mobileLayers: 1, edgeLayers: 1 }, threshold: 0.705 });
    expect(found.expectedLossPoints).toBeCloseTo(0, 9);
  });

  it('lets rows leave sooner where a loss is allowed', () => {
    const found = jointPlan(trace, equipment, slow, { kind: 'allowedLoss', points: 25 }, fitted);
    expect(found).toMatchObject({ plan: { mobileLayers: 1, edgeLayers: 1 }, threshold: 0, meanMs: 8 });
    expect(found.expectedLossPoints).toBeCloseTo(25, 9);
  });

  it('loses no more than a time limit needs', () => {
    const within = (ms: number) => jointPlan(trace, equipment, slow, { kind: 'timeLimit', ms }, fitted);
    expect(within(12)).toMatchObject({ expectedLossPoints: expect.closeTo(0, 9), isReached: true, meanMs: 12 });
    expect(within(11)).toMatchObject({ expectedLossPoints: expect.closeTo(25, 9), isReached: true, meanMs: 8 });
    expect(within(5)).toMatchObject({ isReached: false, meanMs: 8 });
  });

  it('offline has one split: all on the mobile tier', () => {
    const found = jointPlan(trace, equipment, undefined, { kind: 'allowedLoss', points: 25 }, fitted);
    expect(found).toMatchObject({ plan: { mobileLayers: 3, edgeLayers: 3 }, meanMs: 8 });
  });

  it('predicts what replaying it shows, on every network, and is the best of all splits at its threshold', () => {
    const random = seededRandom(5);
    const rows = 120;
    const logits = Array.from({ length: rows * 6 }, () => randomLogits(random, 2, 2)).flat();
    const noisy = traceOf(
      logits,
      Array.from({ length: rows }, () => randomInt(random, 0, 1)),
      Array.from({ length: rows }, () => randomInt(random, 4, 60)),
    );
    const six = equipmentOf(6);
    const replayed = (
      network: (typeof NETWORKS)[number],
      plan: { mobileLayers: number; edgeLayers: number },
      τ: number,
    ) => {
      const stretches = stretchesOf('cascade', plan, 6);
      const decision = { policy: spinn, parameters: { threshold: τ }, stretches };
      const evaluation = evaluate(noisy, decision, DEFAULT_COSTS);
      const { meanMs } = modelRun(traceJourneys(noisy, evaluation, decision), six, accessOf(network, custom));
      const scored = scoreTrace(noisy, decision);
      const losses = { ...scored, expectedLosses: expectedLosses(scored, undefined) };
      return { meanMs, expectedLossPoints: 100 * meanLossAt(evaluation.exitLayers, losses) };
    };
    for (const network of NETWORKS) {
      const found = jointPlan(noisy, six, accessOf(network, custom), { kind: 'allowedLoss', points: 2 });
      const shown = replayed(network, found.plan, found.threshold);
      expect(found.meanMs).toBeCloseTo(shown.meanMs, 9);
      expect(found.expectedLossPoints).toBeCloseTo(shown.expectedLossPoints, 9);
      const splits = [1, 2, 3, 4, 5, 6].flatMap((m) => [1, 2, 3, 4, 5, 6].filter((n) => n >= m).map((n) => [m, n]));
      const times = splits.map(
        ([mobileLayers = 1, edgeLayers = 1]) => replayed(network, { mobileLayers, edgeLayers }, found.threshold).meanMs,
      );
      expect(found.meanMs).toBeCloseTo(Math.min(...times), 9);
    }
  });
});
