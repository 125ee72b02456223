import { describe, expect, it } from 'vitest';
import { type TierName, toLayer } from '../layers';
import { silentTiers, type Span, spansOf, spansOfRuns, type SampleTimes } from './spans';
import type { Crossing } from './tier';

const step = (layer: number, tier: TierName, computeMs: number) =>
  ({ layer: toLayer(layer), tier, logits: [0, 1], computeMs }) as const;
const hop = (from: TierName, to: TierName, roundTripMs: number, rest: Partial<Crossing> = {}): Crossing => ({
  ...{ from, to, afterLayer: toLayer(2), bytesUp: 10, bytesDown: 10, roundTripMs },
  ...rest,
});

/** Two layers here, one at the edge, one in the cloud; every tier says what it spent. */
const climbed: SampleTimes = {
  startedAt: 1000,
  totalMs: 100,
  queueMs: 9,
  steps: [step(1, 'mobile', 4), step(2, 'mobile', 6), step(3, 'edge', 5), step(4, 'cloud', 3)],
  crossings: [
    hop('mobile', 'edge', 70, { waitMs: 2, encodeMs: 1, decodeMs: 0.5 }),
    hop('edge', 'cloud', 30, { encodeMs: 1 }),
  ],
  stays: [
    { tier: 'mobile', totalMs: 100, queueMs: 3, tokenizeMs: 2, embedMs: 1 },
    { tier: 'edge', totalMs: 50, queueMs: 6, decodeMs: 2 },
    { tier: 'cloud', totalMs: 10, queueMs: 0, decodeMs: 1 },
  ],
};

const worded = ({ tier, name, layer }: Span) => `${tier} ${name}${layer === undefined ? '' : ` ${layer}`}`;
const lengthOf = (spans: readonly Span[], words: string) =>
  spans.filter((span) => worded(span) === words).reduce((sum, { durationMs }) => sum + durationMs, 0);
const sumOf = (spans: readonly Span[]) => spans.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** Every span begins where the one before it ends. */
function expectUnbroken(spans: readonly Span[]): void {
  let end = 0;
  for (const { startMs, durationMs } of spans) {
    expect(durationMs).toBeGreaterThan(0);
    expect(startMs).toBeCloseTo(end, 9);
    end = startMs + durationMs;
  }
}

describe('the spans of a sample', () => {
  it('follow its way through all tiers and back', () => {
    expect(spansOf(climbed).map(worded)).toEqual([
      ...['mobile queue', 'mobile tokenize', 'mobile embed', 'mobile other', 'mobile layer 1', 'mobile layer 2'],
      ...['mobile wait', 'mobile encode', 'mobile wire up'],
      ...['edge decode', 'edge queue', 'edge other', 'edge layer 3', 'edge encode', 'edge wire up'],
      ...['cloud decode', 'cloud other', 'cloud layer 4'],
      ...['edge wire down', 'mobile wire down', 'mobile decode answer'],
    ]);
  });

  it('take all of its time, without a gap and without an overlap', () => {
    expectUnbroken(spansOf(climbed));
    expect(sumOf(spansOf(climbed))).toBeCloseTo(100, 9);
  });

  it('count as wire what the far tier’s own time leaves of the round trip, half each way', () => {
    const spans = spansOf(climbed);
    expect(lengthOf(spans, 'mobile wire up')).toBeCloseTo((70 - 50 - 0.5) / 2, 9);
    expect(lengthOf(spans, 'mobile wire down')).toBeCloseTo((70 - 50 - 0.5) / 2, 9);
    expect(lengthOf(spans, 'edge wire up')).toBeCloseTo((30 - 10) / 2, 9);
  });

  it('call “other” what a tier says nothing of', () => {
    const spans = spansOf(climbed);
    expect(lengthOf(spans, 'mobile other')).toBeCloseTo(100 - (3 + 2 + 1 + 10) - (2 + 1 + 70), 9);
    expect(lengthOf(spans, 'cloud other')).toBeCloseTo(10 - 1 - 3, 9);
  });

  it('of one that is settled here are of this tier alone', () => {
    const here = { ...climbed, totalMs: 20, steps: climbed.steps.slice(0, 2), crossings: [] };
    expect(new Set(spansOf(here).map(({ tier }) => tier))).toEqual(new Set(['mobile']));
    expect(sumOf(spansOf(here))).toBeCloseTo(20, 9);
  });

  it('stay within the round trip where a far tier claims more than that', () => {
    const stays = climbed.stays?.map((stay) => (stay.tier === 'mobile' ? stay : { ...stay, totalMs: 5000 }));
    const spans = spansOf({ ...climbed, stays });
    expectUnbroken(spans);
    expect(sumOf(spans)).toBeCloseTo(100, 9);
    expect(lengthOf(spans, 'mobile wire up')).toBe(0);
  });

  it('are cut to the sample’s time where the parts are longer than that', () => {
    const spans = spansOf({ ...climbed, totalMs: 40 });
    expectUnbroken(spans);
    expect(sumOf(spans)).toBeCloseTo(40, 9);
  });

  it('have none that is negative where a clock stood still', () => {
    const [mobile, ...others] = climbed.stays ?? [];
    expectUnbroken(spansOf({ ...climbed, stays: mobile ? [{ ...mobile, queueMs: -4 }, ...others] : [] }));
  });

  it('end where tiers claim to hand down', () => {
    const crossings = [...climbed.crossings, hop('cloud', 'edge', 1), hop('cloud', 'cloud', 1)];
    expect(spansOf({ ...climbed, crossings })).toEqual(spansOf(climbed));
  });
});

describe('the spans of a sample that tiers of an older version took', () => {
  const older = { ...climbed, stays: climbed.stays?.slice(0, 1) };

  it('hold their layers and queue, and the rest of the round trip as wire', () => {
    const spans = spansOf(older);
    expectUnbroken(spans);
    expect(sumOf(spans)).toBeCloseTo(100, 9);
    expect(lengthOf(spans, 'edge layer 3')).toBeCloseTo(5, 9);
    expect(lengthOf(spans, 'edge queue')).toBeCloseTo(9 - 3, 9);
    // The edge's own time: 6 ms of queue, 5 of layer 3, and its hop of 31.
    expect(lengthOf(spans, 'mobile wire up')).toBeCloseTo((70 - 42 - 0.5) / 2, 9);
  });

  it('name the tiers that say nothing', () => {
    expect(silentTiers(older)).toEqual(['edge', 'cloud']);
    expect(silentTiers(climbed)).toEqual([]);
  });
});

it('runs of a sample follow each other, without the rest in between', () => {
  const again = { ...climbed, startedAt: 90_000, totalMs: 50 };
  const spans = spansOfRuns([climbed, again]);
  expectUnbroken(spans);
  expect(sumOf(spans)).toBeCloseTo(150, 9);
});
