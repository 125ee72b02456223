import { describe, expect, it } from 'vitest';
import { type Route, stretchesOf, toLayer } from '../layers';
import type { Equipment } from './equipment';
import { modelJourney } from './journey';
import { type Access, accessOf } from './profiles';

// At 16 tokens, half the reference, a layer takes 4, 2 and 1 ms. At 8 Mbit/s a byte takes a microsecond.
const equipment: Equipment = {
  layerMs: { mobile: 8, edge: 4, cloud: 2 },
  edgeToCloudMs: 20,
  stateBytesPerToken: new Array<number>(12).fill(388),
};
const link = { roundTripMs: 100, upMbps: 8, downMbps: 8, jitterMs: 10 };
const access: Access | undefined = accessOf('custom', link);

function journey(route: Route, exitLayer: number, plan = { mobileLayers: 4, edgeLayers: 8 }) {
  return { stretches: stretchesOf(route, plan, 12), exitLayer: toLayer(exitLayer), tokens: 16, textBytes: 60 };
}

describe('a journey', () => {
  it('that ends on the mobile tier takes that tier’s compute alone', () => {
    expect(modelJourney(journey('cascade', 3), equipment, access)).toEqual({
      computeMs: { mobile: 12, edge: 0, cloud: 0 },
      ...{ upMs: 0, latencyMs: 12, jitterMs: 0, bytesUp: 0, bytesDown: 0 },
    });
  });

  it('to the edge adds a round trip, the hidden state on its way up and the answer on its way down', () => {
    const modelled = modelJourney(journey('cascade', 6), equipment, access);
    // The request with logits of 4 layers, a frame’s header, 16 tokens; the answer with 2 layers.
    expect(modelled.bytesUp).toBe(350 + 4 * 40 + 32 + 16 * 388);
    expect(modelled.bytesDown).toBe(175 + 2 * 105);
    expect(modelled.computeMs).toEqual({ mobile: 16, edge: 4, cloud: 0 });
    expect(modelled.upMs).toBeCloseTo(6.75, 9);
    expect(modelled.latencyMs).toBeCloseTo(20 + 100 + 6.75 + 0.385, 9);
    expect(modelled.jitterMs).toBe(10);
  });

  it('to the cloud adds the hop between the servers', () => {
    const { latencyMs, bytesUp } = modelJourney(journey('cascade', 12), equipment, access);
    expect(bytesUp).toBe(6750);
    const backbone = 20 + (8 * (350 + 8 * 40 + 32 + 16 * 388)) / 1e6;
    expect(latencyMs).toBeCloseTo(16 + 8 + 4 + 100 + 6.75 + 1.015 + backbone, 9);
  });

  it('past an edge without layers sends the hidden state straight to the cloud', () => {
    const { latencyMs, computeMs } = modelJourney(
      journey('cascade', 12, { mobileLayers: 4, edgeLayers: 4 }),
      equipment,
      access,
    );
    expect(computeMs).toEqual({ mobile: 16, edge: 0, cloud: 8 });
    expect(latencyMs).toBeCloseTo(16 + 8 + 100 + 6.75 + 1.015 + 20 + (8 * 6750) / 1e6, 9);
  });

  it('that goes whole sends its text, which is far smaller than a hidden state', () => {
    const modelled = modelJourney(journey('cloud', 12), equipment, access);
    expect(modelled.bytesUp).toBe(350 + 60);
    expect(modelled.computeMs).toEqual({ mobile: 0, edge: 0, cloud: 12 });
    expect(modelled.latencyMs).toBeCloseTo(12 + 100 + 0.41 + 1.435 + 20 + (8 * 410) / 1e6, 9);
    const unknown = { ...journey('edge', 8), textBytes: undefined };
    expect(modelJourney(unknown, equipment, access).bytesUp).toBeCloseTo(350 + 4.4 * 16, 9);
  });

  it('offline runs every layer on the mobile tier, and nothing crosses', () => {
    for (const route of ['cascade', 'cloud'] as const) {
      expect(modelJourney(journey(route, 12), equipment, undefined)).toEqual({
        computeMs: { mobile: 48, edge: 0, cloud: 0 },
        ...{ upMs: 0, latencyMs: 48, jitterMs: 0, bytesUp: 0, bytesDown: 0 },
      });
    }
  });

  it('pays for the hidden state as it is written after the layer where it crosses', () => {
    const coded = { ...equipment, stateBytesPerToken: equipment.stateBytesPerToken.with(3, 96) };
    expect(modelJourney(journey('cascade', 6), coded, access).bytesUp).toBe(350 + 4 * 40 + 32 + 16 * 96);
  });
});
