import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from './cost';
import { exitsOf } from './exits';
import type { LayerStep } from './ladder/tier';
import { stretchesOf, type TierName } from './layers';
import { climbedFurther, NOT_CLIMBED, outcomeOf } from './outcome';
import { confidence } from './policies/confidence';
import type { SampleResult } from './worker-messages';

const stretches = stretchesOf('cascade', { mobileLayers: 2, edgeLayers: 3 }, 4);
const calibrate = (logits: (readonly number[])[]) => exitsOf(logits, [1, 1, 1, 1]);
const UNSURE = [0, 0.1];
const SURE = [9, 0];

const step = (layer: number, tier: TierName, logits: readonly number[]): LayerStep => ({
  layer,
  tier,
  logits,
  computeMs: 10 * layer,
});

/** Two layers here, one on the edge, which takes 5 ms and 400 bytes to reach. */
const overTheEdge: SampleResult = {
  tokens: 7,
  steps: [step(1, 'mobile', UNSURE), step(2, 'mobile', SURE), step(3, 'edge', SURE)],
  crossings: [{ from: 'mobile', to: 'edge', afterLayer: 2, bytesUp: 400, bytesDown: 90, roundTripMs: 35 }],
  queueMs: 0,
  stepsAfter: 0,
  ranLocally: undefined,
  totalMs: 70,
};

function decision(mobileThreshold: number, edgeThreshold = mobileThreshold) {
  return { policy: confidence, parameters: { mobileThreshold, edgeThreshold, cloudThreshold: 1 }, stretches };
}

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
        crossings: [{ from: 'mobile', to: 'edge', afterLayer: 3, bytesUp: 120, bytesDown: 50, roundTripMs: 48 }],
        stepsAfter: 3,
      },
      calibrate,
    );
    expect(further.exits.map(({ layer }) => layer)).toEqual([1, 2, 3, 4]);
    expect(further.layerRuns).toBe(4);
    expect(outcomeOf(further, decision(1), DEFAULT_COSTS)).toMatchObject({ tier: 'cloud', bytesUp: 520, cost: 9 });
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
