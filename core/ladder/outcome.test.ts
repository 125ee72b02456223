import { readingOf } from '../model/reading';
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { exitsOf } from '../exits';
import type { LayerStep } from './tier';
import { stretchesOf, type TierName, toLayer } from '../layers';
import { climbedFurther, NOT_CLIMBED, outcomeOf } from './outcome';
import { confidence } from '../policies/confidence';
import { fusion } from '../policies/fusion';
import { dimeePools } from '../policies/pools';
import { calibrationWith } from '../testing/calibration-exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import type { SampleResult } from './hybrid-tier';

const stretches = stretchesOf('cascade', { mobileLayers: 2, edgeLayers: 3 }, 4);
const calibrate = (logits: (readonly number[])[]) => exitsOf(logits, [1, 1, 1, 1]);
const UNSURE = [0, 0.1];
const SURE = [9, 0];

const step = (layer: number, tier: TierName, logits: readonly number[]): LayerStep => ({
  layer: toLayer(layer),
  tier,
  logits,
  computeMs: 10 * layer,
});

/** Two layers here, one on the edge, which takes 5 ms and 400 bytes to reach. */
const overTheEdge: SampleResult = {
  tokens: 7,
  steps: [step(1, 'mobile', UNSURE), step(2, 'mobile', SURE), step(3, 'edge', SURE)],
  crossings: [{ from: 'mobile', to: 'edge', afterLayer: toLayer(2), bytesUp: 400, bytesDown: 90, roundTripMs: 35 }],
  queueMs: 0,
  stepsAfter: 0,
  ranLocally: undefined,
  reading: readingOf([{ tokens: 5, read: 5, unknown: 0 }]),
  startedAt: 0,
  totalMs: 70,
};

function decision(mobileThreshold: number, edgeThreshold = mobileThreshold) {
  return { policy: confidence, parameters: { mobileThreshold, edgeThreshold, cloudThreshold: 1 }, stretches };
}

describe('the outcome of a sample that goes whole to a tier', () => {
  const pools = { policy: dimeePools, parameters: {}, stretches, fitted: { data: fakePolicyData() } };
  const whole = (tier: TierName, last: number, distances: number[]): SampleResult => ({
    ...overTheEdge,
    steps: Array.from({ length: last }, (_, index) => step(index + 1, tier, SURE)),
    crossings: tier === 'mobile' ? [] : [{ ...hopTo(tier), afterLayer: toLayer(0) }],
    distances: { dimee: distances },
  });
  const hopTo = (to: TierName) => ({ from: 'mobile', to, bytesUp: 60, bytesDown: 90, roundTripMs: 200 }) as const;
  const outcomeAfter = (result: SampleResult) =>
    outcomeOf(climbedFurther(NOT_CLIMBED, result, calibrate), pools, DEFAULT_COSTS);

  it('is at the last layer of its tier, for that tier’s layers and one crossing', () => {
    expect(outcomeAfter(whole('mobile', 2, [1, 2, 3]))).toMatchObject({ tier: 'mobile', cost: 2, bytesUp: 0 });
    expect(outcomeAfter(whole('edge', 3, [2, 1, 3]))).toMatchObject({ tier: 'edge', cost: 2 + 3, bytesUp: 60 });
    expect(outcomeAfter(whole('cloud', 4, [3, 2, 1]))).toMatchObject({
      ...{ tier: 'cloud', cost: 5 + 4, bytesUp: 60, firstAnswer: undefined },
      costParts: { mobile: 0, edge: 0, cloud: 4, offloading: 5 },
    });
  });

  it('is booked on the mobile tier where that had to run everything', () => {
    const local = { ...whole('mobile', 3, [2, 1, 3]), ranLocally: 'no edge' };
    expect(outcomeAfter(local)).toMatchObject({ tier: 'mobile', cost: 3, exit: { layer: 3 } });
  });

  it('is not known before its tier is, and then of all that has ever been run for it', () => {
    const cascaded = climbedFurther(NOT_CLIMBED, overTheEdge, calibrate);
    expect(outcomeOf(cascaded, pools, DEFAULT_COSTS)).toBeUndefined();
    const chosen = climbedFurther(cascaded, whole('mobile', 2, [1, 2, 3]), calibrate);
    expect(outcomeOf(chosen, pools, DEFAULT_COSTS)).toMatchObject({ exit: { layer: 2 } });
    expect(chosen.exits).toHaveLength(3);
    expect(outcomeOf(chosen, decision(1, 0.9), DEFAULT_COSTS)).toMatchObject({ tier: 'edge' });
  });
});

describe('the outcome of a sample whose answer is refined', () => {
  // Each as good as the other, so that both count a half.
  const fitted = { calibration: calibrationWith({ 2: [0.9, 0.6], 3: [0.6, 0.9], 4: [0.6, 0.9] }, 4) };
  const fused = (mobileThreshold: number) =>
    ({ policy: fusion, parameters: { mobileThreshold, edgeThreshold: 0.6 }, stretches, fitted }) as const;
  const result = {
    ...overTheEdge,
    steps: [step(1, 'mobile', UNSURE), step(2, 'mobile', [0, 1]), step(3, 'edge', [3, 0])],
  };
  const climbed = climbedFurther(NOT_CLIMBED, result, calibrate);

  it('has the answer of both exits, and the one before', () => {
    const outcome = outcomeOf(climbed, fused(0.9), DEFAULT_COSTS);
    expect(outcome).toMatchObject({ tier: 'edge', exit: { layer: 3, label: 0, logits: [3, 0] } });
    // The mean of the log-odds 3 and −1 is 1.
    expect(outcome?.exit.confidence).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(outcome?.firstAnswer).toMatchObject({ layer: 2, label: 1 });
  });

  it('has one answer alone where the mobile tier was sure', () => {
    const outcome = outcomeOf(climbed, fused(0.7), DEFAULT_COSTS);
    expect(outcome).toMatchObject({ tier: 'mobile', exit: { layer: 2, label: 1 }, firstAnswer: undefined });
  });
});

describe('the outcome of a sample', () => {
  const climbed = climbedFurther(NOT_CLIMBED, overTheEdge, calibrate);

  it('counts what its way to the exit took, and nothing beyond', () => {
    const early = outcomeOf(climbed, decision(0.9), DEFAULT_COSTS);
    expect(early).toMatchObject({ tier: 'mobile', cost: 2, latencyMs: 30, bytesUp: 0, bytesDown: 0 });
    const late = outcomeOf(climbed, decision(1, 0.9), DEFAULT_COSTS);
    expect(late).toMatchObject({ tier: 'edge', cost: 2 + 2 + 1, latencyMs: 30 + 30 + 5, bytesUp: 400, bytesDown: 90 });
  });

  it('is not known where the sample has not climbed far enough', () => {
    expect(outcomeOf(climbed, decision(1), DEFAULT_COSTS)).toBeUndefined();
    expect(outcomeOf(NOT_CLIMBED, decision(0), DEFAULT_COSTS)).toBeUndefined();
  });

  it('goes on from where the sample stopped', () => {
    const further = climbedFurther(
      climbed,
      {
        ...overTheEdge,
        steps: [step(4, 'cloud', SURE)],
        crossings: [
          { from: 'mobile', to: 'edge', afterLayer: toLayer(3), bytesUp: 120, bytesDown: 50, roundTripMs: 48 },
        ],
        stepsAfter: 3,
      },
      calibrate,
    );
    expect(further.exits.map(({ layer }) => layer)).toEqual([1, 2, 3, 4]);
    expect(further.layerRuns).toBe(4);
    expect(outcomeOf(further, decision(1), DEFAULT_COSTS)).toMatchObject({ tier: 'cloud', bytesUp: 520, cost: 9 });
  });

  it('is booked on the edge while that stands in, and here again once the sample has begun anew here', () => {
    const steps = overTheEdge.steps.map(({ logits }, index) => step(index + 1, 'edge', logits));
    const stoodIn = climbedFurther(NOT_CLIMBED, { ...overTheEdge, steps, ranAtEdge: 'still loading' }, calibrate);
    expect(outcomeOf(stoodIn, decision(0.9), DEFAULT_COSTS)).toMatchObject({ tier: 'edge' });
    const anew = climbedFurther(stoodIn, overTheEdge, calibrate);
    expect(outcomeOf(anew, decision(0.9), DEFAULT_COSTS)).toMatchObject({ tier: 'mobile' });
  });

  it('counts layers twice that had to run twice', () => {
    const again = climbedFurther(climbed, { ...overTheEdge, stepsAfter: 0 }, calibrate);
    expect(again.exits).toHaveLength(3);
    expect(again.hops).toHaveLength(1);
    expect(again.layerRuns).toBe(6);
  });

  it('is booked on the mobile tier where that had to run everything', () => {
    const local = climbedFurther(NOT_CLIMBED, { ...overTheEdge, crossings: [], ranLocally: 'no edge' }, calibrate);
    expect(outcomeOf(local, decision(1, 0.9), DEFAULT_COSTS)).toMatchObject({ tier: 'mobile', cost: 3, bytesUp: 0 });
  });
});
