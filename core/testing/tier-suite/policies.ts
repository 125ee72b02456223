import { expect, test } from 'vitest';
import { toLayer } from '../../layers';
import { saturationOf } from '../../ladder/saturation';
import { drawLot } from '../../numbers/lots';
import { fakeState, logitsOfConfidence } from '../fake-runtime';
import { failureOf, layersOf } from '../ladder-chain';
import { afterMobile, confidently, never, type InWorld } from './world';

/** What a policy needs besides the exits of one tier. */
export function testPolicies(inWorld: InWorld): void {
  test('counts the exits before it for a policy that looks back', () =>
    inWorld({ logits: logitsOfConfidence(new Array<number>(12).fill(0.6)) }, async ({ tier, manifest }) => {
      const policy = { id: 'patience', parameters: { patience: 5 } };
      const agreeing = await tier.infer({ ...afterMobile(manifest), policy }, never());
      expect(layersOf(agreeing)).toEqual(['5 edge', '6 edge']);
      const priorLogits = [...new Array<number[]>(3).fill([1, 0]), [0, 1]];
      const disagreeing = await tier.infer({ ...afterMobile(manifest, 2), priorLogits, policy }, never());
      expect(layersOf(disagreeing).at(-1)).toBe('10 cloud');
    }));

  test('measures how much its layers turn the hidden state where the policy needs it, and leaves by that', () =>
    inWorld({}, async ({ tier, manifest }) => {
      const turnedBy = (layer: number) =>
        saturationOf(fakeState(manifest, 1, toLayer(layer - 1)), fakeState(manifest, 1, toLayer(layer)));
      // Of sample 1, layer 5 turns the state more than layer 6.
      const policy = { id: 'saturation', parameters: { edgeThreshold: (turnedBy(5) + turnedBy(6)) / 2 } };
      const { steps } = await tier.infer({ ...afterMobile(manifest), policy }, never());
      expect(steps.map(({ layer }) => layer)).toEqual([5, 6]);
      for (const { layer, saturation } of steps) expect(saturation).toBeCloseTo(turnedBy(layer), 12);
      const unmeasured = await tier.infer({ ...afterMobile(manifest, 2), policy: confidently(0) }, never());
      expect(unmeasured.steps[0]?.saturation).toBeUndefined();
    }));

  test('draws the lots of the sample’s own seed, on every tier', () =>
    inWorld({}, async ({ tier, manifest }) => {
      const policy = { id: 'random-exit', parameters: { probability: 0.3 } };
      const expectedLayer = (rowSeed: number) =>
        [5, 6, 7, 8, 9, 10, 11].find((layer) => drawLot(1, rowSeed, layer) <= 0.3) ?? 12;
      const layers = [0, 1, 2, 3, 0xffff_ffff].map(async (rowSeed) => {
        const { steps } = await tier.infer({ ...afterMobile(manifest, rowSeed % 100), policy, rowSeed }, never());
        return [steps.at(-1)?.layer, expectedLayer(rowSeed)];
      });
      for (const [layer, expected] of await Promise.all(layers)) expect(layer).toBe(expected);
    }));

  test.each([
    ['right labels', 'oracle'],
    ['a seed', 'random-exit'],
    ['numbers fitted in advance', 'quota'],
    ['a recorded calibration split', 'risk-controlled'],
  ])('ER6: a policy that needs %s is BAD_INPUT without them, and says so', (_, id) =>
    inWorld({}, async ({ tier, manifest, edge }) => {
      const request = { ...afterMobile(manifest), policy: { id, parameters: {} } };
      const failure = await failureOf(tier.infer(request, never()));
      expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/^“.+” needs /) });
      expect(edge.layersRun).toEqual([]);
    }),
  );
}
