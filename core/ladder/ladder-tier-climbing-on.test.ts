import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../testing/fake-runtime';
import type { InferRequest } from './tier';
import { byConfidence, chain, failureOf, layersOf, manifest, never, spy } from '../testing/ladder-chain';

describe('a sample that climbs on', () => {
  const logits = logitsOfConfidence([0.6, 0.8, 0.85, 0.9, 0.95, 0.96]);

  /** Runs a sample to its exit, then again under a stricter policy with its state held. */
  async function twice(first: InferRequest['policy'], second: InferRequest['policy']) {
    const world = chain(logits);
    const request = fakeRequest({ policy: first });
    const { steps } = await world.tier.infer(request, never);
    const priorLogits = steps.map((step) => step.logits);
    const held: InferRequest = { ...request, policy: second, priorLogits, input: { kind: 'held' } };
    return { ...world, result: await world.tier.infer(held, never) };
  }

  test('runs only the layers that are missing', async () => {
    const { result, mobile, edge } = await twice(byConfidence(0.78), byConfidence(0.88));
    expect(layersOf(result)).toEqual(['3 mobile', '4 mobile']);
    expect([mobile.layersRun, mobile.samplesEmbedded.length, edge.layersRun]).toEqual([[1, 2, 3, 4], 1, []]);
  });

  test('goes on at the edge from the mobile tier’s last layer', async () => {
    const { result, mobile, edge } = await twice(byConfidence(0.88), byConfidence(0.94, 0.94));
    expect(layersOf(result)).toEqual(['5 edge']);
    expect([mobile.layersRun, edge.layersRun]).toEqual([[1, 2, 3, 4], [5]]);
    expect(result.crossings).toMatchObject([{ afterLayer: 4, bytesUp: 160 }]);
  });

  test('goes on at the edge where its state is held there, and no state crosses', async () => {
    const { result, edge } = await twice(byConfidence(1, 0.94), byConfidence(1, 0.955));
    expect(layersOf(result)).toEqual(['6 edge']);
    expect(edge.layersRun).toEqual([5, 6]);
    expect(result.crossings).toMatchObject([{ afterLayer: 5, bytesUp: 0 }]);
  });

  test('may climb on under another policy that looks back', async () => {
    const patient = { id: 'patience', parameters: { patience: 3 } };
    const { result } = await twice(byConfidence(0.78), patient);
    expect(layersOf(result)).toEqual(['3 mobile', '4 mobile']);
  });

  test('ER4: is STATE_NOT_HELD where no tier keeps its state', async () => {
    const climbedTo = (layers: number) =>
      fakeRequest({ priorLogits: new Array<number[]>(layers).fill([0, 0]), input: { kind: 'held' } });
    const alone = fakeLadder({ name: 'mobile' });
    expect(await failureOf(alone.infer(climbedTo(2), never))).toMatchObject({
      code: 'STATE_NOT_HELD',
      message: expect.stringContaining('after layer 2'),
    });
    for (const layers of [2, 6, 10]) {
      const { tier, mobile, edge, cloud } = chain(logits);
      expect(await failureOf(tier.infer(climbedTo(layers), never))).toMatchObject({ code: 'STATE_NOT_HELD' });
      expect([mobile, edge, cloud].flatMap((runtime) => runtime.layersRun)).toEqual([]);
    }
  });

  test('is STATE_NOT_HELD where only the state after another layer is kept', async () => {
    const tier = fakeLadder({ name: 'mobile', runtime: new FakeRuntime({ manifest, logits }) });
    const first = await tier.infer(fakeRequest({ policy: byConfidence(0.78) }), never);
    expect(first.steps).toHaveLength(2);
    const held = fakeRequest({ priorLogits: [[0, 0]], input: { kind: 'held' } });
    expect(await failureOf(tier.infer(held, never))).toMatchObject({ code: 'STATE_NOT_HELD' });
  });
});

describe('a sample whose next layer is a lower tier’s', () => {
  const upstream = spy();
  const edge = fakeLadder({ name: 'edge', upstream });
  const priorLogits = new Array<number[]>(2).fill([0, 0]);

  test('is STATE_NOT_HELD where it is held, so that it starts again from below', async () => {
    const held = fakeRequest({ priorLogits, input: { kind: 'held' } });
    expect(await failureOf(edge.infer(held, never))).toMatchObject({ code: 'STATE_NOT_HELD' });
  });

  test('is BAD_INPUT where it comes as a state or a text', async () => {
    const state = fakeRequest({
      priorLogits,
      input: { kind: 'hiddenState', state: fakeState(manifest, 0, toLayer(2)) },
    });
    const text = fakeRequest({ policy: { id: 'all-mobile', parameters: {} } });
    for (const request of [state, text]) {
      expect(await failureOf(edge.infer(request, never))).toMatchObject({ code: 'BAD_INPUT' });
    }
    expect(upstream.asked).toEqual([]);
  });
});
