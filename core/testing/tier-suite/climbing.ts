import { expect, test } from 'vitest';
import { layerBefore } from '../../layers';
import { fakeRequest } from '../fake-ladder';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../fake-runtime';
import { failureOf, layersOf } from '../ladder-chain';
import { afterMobile, confidently, never, type InWorld } from './world';

/** Where samples start, which layers run where, and where they leave. */
export function testClimbing(inWorld: InWorld): void {
  test('takes a text through the edge layers and leaves at the last one', () =>
    inWorld({}, async ({ tier, edge, cloud }) => {
      const request = fakeRequest({ policy: { id: 'all-edge', parameters: {} } });
      const result = await tier.infer(request, never());
      expect(result.steps.map((step) => step.layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(new Set(result.steps.map((step) => step.tier))).toEqual(new Set(['edge']));
      expect(result.tokens).toBe(4);
      expect(edge.samplesEmbedded).toEqual([0]);
      expect(cloud.layersRun).toEqual([]);
    }));

  test('passes a text on to the cloud where the policy sends it there', () =>
    inWorld({}, async ({ tier, edge, cloud }) => {
      const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never());
      expect(result.steps.map((step) => step.layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(new Set(result.steps.map((step) => step.tier))).toEqual(new Set(['cloud']));
      expect(edge.layersRun).toEqual([]);
      expect(cloud.samplesEmbedded).toEqual([0]);
    }));

  test('RQ10: stands in for a device that cannot run its layers, from the text on and from a state it kept', () =>
    inWorld({}, async ({ tier, edge, cloud }) => {
      const parameters = { mobileThreshold: 0, edgeThreshold: 1, cloudThreshold: 1 };
      const request = fakeRequest({ standIn: true, policy: { id: 'confidence', parameters } });
      const first = await tier.infer(request, never());
      expect(layersOf(first)).toEqual(['1 edge']);
      const further = {
        ...fakeRequest(),
        standIn: true as const,
        priorLogits: [[0.5, 0]],
        input: { kind: 'held' } as const,
      };
      const second = await tier.infer(further, never());
      expect(layersOf(second).slice(0, 4)).toEqual(['2 edge', '3 edge', '4 edge', '5 edge']);
      expect(second.steps).toHaveLength(11);
      expect([edge.samplesEmbedded.length, edge.layersRun, cloud.layersRun]).toEqual([
        1,
        [1, 2, 3, 4, 5, 6, 7, 8],
        [9, 10, 11, 12],
      ]);
    }));

  test('takes a hidden state on from its layer and leaves where the policy says', () =>
    inWorld(
      { logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.6, 0.95, 0.99]) },
      async ({ tier, manifest, edge, cloud }) => {
        const result = await tier.infer({ ...afterMobile(manifest), policy: confidently(0.9) }, never());
        expect(layersOf(result)).toEqual(['5 edge', '6 edge']);
        expect(result.tokens).toBe(5);
        expect([edge.layersRun, cloud.layersRun]).toEqual([[5, 6], []]);
      },
    ));

  test('answers with the raw logits of the task, of every layer it ran', () =>
    inWorld({ logits: (sample, layer) => [sample, 0 - layer, 7, 8, 9] }, async ({ tier, manifest }) => {
      const single = await tier.infer({ ...afterMobile(manifest, 3), policy: confidently(0.9) }, never());
      expect(single.steps.map((step) => step.logits)).toEqual([[3, -5]]);
      const priorLogits = Array.from({ length: 4 }, () => [0, 0, 0]);
      const pair = { ...afterMobile(manifest, 3), task: 'mnli', priorLogits, policy: confidently(0.1) };
      expect((await tier.infer(pair, never())).steps.map((step) => step.logits)).toEqual([[7, 8, 9]]);
    }));

  test('hands on to the cloud what does not leave at the edge', () =>
    inWorld({}, async ({ tier, manifest, edge, cloud }) => {
      const result = await tier.infer(afterMobile(manifest), never());
      const expected = ['5 edge', '6 edge', '7 edge', '8 edge', '9 cloud', '10 cloud', '11 cloud', '12 cloud'];
      expect(layersOf(result)).toEqual(expected);
      expect([edge.layersRun, cloud.layersRun]).toEqual([
        [5, 6, 7, 8],
        [9, 10, 11, 12],
      ]);
    }));

  test('goes on to the cloud from the edge’s last layer when the edge runs none', () =>
    inWorld({}, async ({ tier, manifest, edge }) => {
      const plan = { mobileLayers: 4, edgeLayers: 4 };
      const result = await tier.infer({ ...afterMobile(manifest), plan }, never());
      expect(layersOf(result)[0]).toBe('5 cloud');
      expect(result.steps).toHaveLength(8);
      expect(edge.layersRun).toEqual([]);
    }));

  test('climbs on from a held state and runs only the layers that are missing', () =>
    inWorld({ logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.92, 0.97]) }, async ({ tier, manifest, edge }) => {
      const request = { ...afterMobile(manifest), policy: confidently(0.9) };
      const first = await tier.infer(request, never());
      expect(layersOf(first)).toEqual(['5 edge']);
      const priorLogits = [...request.priorLogits, ...first.steps.map((step) => step.logits)];
      const held = { ...request, priorLogits, input: { kind: 'held' }, policy: confidently(0.95) } as const;
      expect(layersOf(await tier.infer(held, never()))).toEqual(['6 edge']);
      expect(edge.layersRun).toEqual([5, 6]);
    }));

  test('finds a held state in the cloud too', () =>
    inWorld(
      { logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.92]) },
      async ({ tier, manifest, edge, cloud }) => {
        const policy = { id: 'confidence', parameters: { edgeThreshold: 1, cloudThreshold: 0.9 } };
        const request = { ...afterMobile(manifest), policy };
        const first = await tier.infer(request, never());
        expect(layersOf(first).at(-1)).toBe('9 cloud');
        const priorLogits = [...request.priorLogits, ...first.steps.map((step) => step.logits)];
        const stricter = { id: 'confidence', parameters: { edgeThreshold: 1, cloudThreshold: 1 } };
        const held = { ...request, priorLogits, input: { kind: 'held' }, policy: stricter } as const;
        expect(layersOf(await tier.infer(held, never()))).toEqual(['10 cloud', '11 cloud', '12 cloud']);
        expect([edge.layersRun, cloud.layersRun]).toEqual([
          [5, 6, 7, 8],
          [9, 10, 11, 12],
        ]);
      },
    ));

  test('ER4: a state that no tier holds is STATE_NOT_HELD', () =>
    inWorld({}, async ({ tier }) => {
      const priorLogits = new Array<number[]>(6).fill([0, 0]);
      const request = fakeRequest({ sampleKey: 'never seen', priorLogits, input: { kind: 'held' } });
      expect(await failureOf(tier.infer(request, never()))).toMatchObject({ code: 'STATE_NOT_HELD' });
    }));

  test('gives each of many samples at once its own answer', () =>
    inWorld({}, async ({ tier, manifest }) => {
      const samples = Array.from({ length: 30 }, (_, index) => index + 1);
      const alone = new FakeRuntime({ manifest });
      const answers = samples.map((sample) => tier.infer(afterMobile(manifest, sample), never()));
      for (const [index, { steps }] of (await Promise.all(answers)).entries()) {
        const sample = samples[index] ?? 0;
        expect(steps.map((step) => step.layer)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
        for (const { layer, logits } of steps) {
          const { logits: expected } = await alone.runLayer(layer, fakeState(manifest, sample, layerBefore(layer)));
          expect(logits).toEqual([...expected.slice(0, 2)]);
        }
      }
    }));
}
