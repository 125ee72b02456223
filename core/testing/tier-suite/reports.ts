import { expect, test } from 'vitest';
import { toLayer } from '../../layers';
import { at } from '../../numbers/at';
import { isCoded, PAYLOAD_DTYPES } from '../../payload/dtypes';
import { encodeHiddenState } from '../../payload/payload';
import { fakeCodecs } from '../fake-codecs';
import { fakeState, logitsOfConfidence } from '../fake-runtime';
import { afterMobile, confidently, never, pause, type InWorld } from './world';

/** Payloads, bytes and times. */
export function testReports(inWorld: InWorld): void {
  test.each(PAYLOAD_DTYPES)('takes hidden states written as %s', (payloadDtype) =>
    inWorld({}, async ({ tier, manifest }) => {
      const result = await tier.infer({ ...afterMobile(manifest, 42), payloadDtype }, never());
      expect(result.steps).toHaveLength(8);
    }),
  );

  test.each(PAYLOAD_DTYPES.filter(isCoded))('TF9: sends %s to the cloud, as int8 after a layer without', (dtype) =>
    inWorld({}, async ({ tier, manifest }) => {
      // Of many tokens and zeros, so that the two sizes are far apart.
      const tokens = 16;
      const stateAfter = (layer: number) => fakeState(manifest, 0, toLayer(layer), tokens);
      const bytesUpOf = async (edgeLayers: number) => {
        const plan = { mobileLayers: 4, edgeLayers };
        const input = { kind: 'hiddenState', state: stateAfter(4) } as const;
        const result = await tier.infer({ ...afterMobile(manifest), input, plan, payloadDtype: dtype }, never());
        return result.crossings.at(-1)?.bytesUp ?? Number.NaN;
      };
      const coded = encodeHiddenState(stateAfter(6), await fakeCodecs(manifest).dtypeAfter(toLayer(6), dtype));
      const difference = coded.length - tokens * (8 + 4);
      expect(difference).toBeLessThan(-100);
      // To the nearest hundred: the infer before it has the logits of one layer less, and another deadline.
      expect((await bytesUpOf(6)) - (await bytesUpOf(7))).toBeCloseTo(difference, -2);
    }),
  );

  test('reports times that are finite and not negative', () =>
    inWorld({ beforeLayer: () => pause(2) }, async ({ tier, manifest }) => {
      const { steps, crossings, queueMs } = await tier.infer(afterMobile(manifest), never());
      const times = [queueMs, ...steps.map((step) => step.computeMs), ...crossings.map((hop) => hop.roundTripMs)];
      expect(times.every((time) => Number.isFinite(time) && time >= 0)).toBe(true);
      expect(steps.every((step) => step.computeMs > 0)).toBe(true);
    }));

  test('reports of each tier’s stay all that its layers and the tiers beyond took', () =>
    inWorld({ beforeLayer: () => pause(2) }, async ({ tier, manifest }) => {
      const { steps, crossings, queueMs, stays = [] } = await tier.infer(afterMobile(manifest), never());
      expect(stays.map((stay) => stay.tier)).toEqual(['edge', 'cloud']);
      const computeOf = (name: string) =>
        steps.reduce((sum, step) => (step.tier === name ? sum + step.computeMs : sum), 0);
      const [edge, cloud] = [at(stays, 0), at(stays, 1)];
      const toCloud = crossings.find((hop) => hop.from === 'edge');
      // To the microsecond, in which they cross.
      expect(cloud.totalMs).toBeGreaterThan(computeOf('cloud') - 0.01);
      expect(toCloud?.roundTripMs).toBeGreaterThan(cloud.totalMs - 0.01);
      expect(edge.totalMs).toBeGreaterThan(computeOf('edge') + (toCloud?.roundTripMs ?? Number.NaN) - 0.01);
      expect(edge.queueMs + cloud.queueMs).toBeCloseTo(queueMs, 2);
    }));

  test('reports the hop to the cloud with its bytes, and none where none was made', () =>
    inWorld({ logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.92]) }, async ({ tier, manifest }) => {
      const toCloud = await tier.infer(afterMobile(manifest), never());
      expect(toCloud.crossings.at(-1)).toMatchObject({ from: 'edge', to: 'cloud', afterLayer: 8 });
      // 5 tokens × 8 numbers × 4 bytes and the header of 32.
      expect(toCloud.crossings.at(-1)?.bytesUp).toBeGreaterThanOrEqual(192);
      const atEdge = await tier.infer({ ...afterMobile(manifest, 2), policy: confidently(0.9) }, never());
      expect(atEdge.crossings.filter((hop) => hop.from === 'edge')).toEqual([]);
    }));
}
