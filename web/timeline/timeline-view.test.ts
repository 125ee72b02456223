import { describe, expect, it } from 'vitest';
import { exitsOf } from '../../core/exits';
import { climbedFurther, NOT_CLIMBED, outcomeOf } from '../../core/ladder/outcome';
import { DEFAULT_COSTS } from '../../core/cost';
import { stretchesOf, type TierName, toLayer } from '../../core/layers';
import { confidence } from '../../core/policies/confidence';
import { ticksOf, timelineOf } from './timeline-view';

const step = (layer: number, tier: TierName, logit: number) =>
  ({ layer: toLayer(layer), tier, logits: [logit, 0], computeMs: 5 }) as const;

/** Unsure at layer 1, sure from layer 2 on, and taken on to layer 3 at the edge all the same. */
const result = {
  ...{ tokens: 5, queueMs: 2, stepsAfter: 0, ranLocally: undefined, reading: undefined, startedAt: 0, totalMs: 60 },
  steps: [step(1, 'mobile', 0.1), step(2, 'mobile', 8), step(3, 'edge', 9)],
  crossings: [
    { from: 'mobile', to: 'edge', afterLayer: toLayer(2), bytesUp: 9, bytesDown: 9, roundTripMs: 40, encodeMs: 1 },
  ],
  stays: [{ tier: 'mobile', totalMs: 60, queueMs: 2, tokenizeMs: 3, embedMs: 1 }],
} as const;
const climbed = climbedFurther(NOT_CLIMBED, result, (logits) => exitsOf(logits, [1, 1, 1]));
const outcomeUnder = (mobileThreshold: number) =>
  outcomeOf(
    climbed,
    {
      policy: confidence,
      parameters: { mobileThreshold, edgeThreshold: 0.5, cloudThreshold: 0.5 },
      stretches: stretchesOf('cascade', { mobileLayers: 2, edgeLayers: 3 }, 3),
    },
    DEFAULT_COSTS,
  );

describe('a sentence’s timeline', () => {
  it('is of nothing before it has run', () => {
    expect(timelineOf({ climbed: NOT_CLIMBED, outcome: undefined })).toBeUndefined();
  });

  it('fills its width from the first span to the last', () => {
    const bars = timelineOf({ climbed, outcome: outcomeUnder(1) })?.bars ?? [];
    expect(bars[0]?.left).toBe(0);
    expect(bars.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1, 9);
    expect(bars.filter(({ lane }) => lane === 'wire').map(({ name }) => name)).toEqual(['wire up', 'wire down']);
  });

  it('sums up where the time went', () => {
    const view = timelineOf({ climbed, outcome: outcomeUnder(1) });
    expect(view).toMatchObject({
      ...{ totalMs: 60, runs: 1, lanes: ['mobile', 'wire', 'edge'], silent: ['edge'] },
      layersMs: { mobile: 10, edge: 5, cloud: 0 },
      otherMs: { text: 4, payload: 1, wire: 35, waiting: 5 },
    });
  });

  it('tells layers that ran for earlier settings from those that the answer took', () => {
    const beyond = (threshold: number) =>
      timelineOf({ climbed, outcome: outcomeUnder(threshold) })?.bars.flatMap(({ isBeyond, layer }) =>
        isBeyond ? layer : [],
      );
    expect(beyond(1)).toEqual([]);
    expect(beyond(0.9)).toEqual([3]);
    expect(beyond(0.1)).toEqual([2, 3]);
  });
});

it.each([
  [0.8, [0, 0.2, 0.4, 0.6]],
  [7, [0, 2, 4, 6]],
  [100, [0, 20, 40, 60, 80]],
  [431, [0, 100, 200, 300]],
])('%f ms have ticks at %j', (totalMs, ticks) => {
  expect(ticksOf(totalMs)).toEqual(ticks.map((tick) => expect.closeTo(tick, 9)));
});
