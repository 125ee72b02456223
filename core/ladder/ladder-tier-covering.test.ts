import { describe, expect, test } from 'vitest';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { FakeRuntime, logitsOfConfidence } from '../testing/fake-runtime';
import { HeldStates } from './held-states';
import type { LayerStep } from './tier';
import { byConfidence, chain, failureOf, layersOf, manifest, never, spy } from '../testing/ladder-chain';

describe('a tier that covers the others', () => {
  const logits = logitsOfConfidence([0.6, 0.6, 0.6, 0.6, 0.6, 0.85]);

  test('runs their layers itself, by their thresholds, and says it was the one', async () => {
    const { tier, mobile, edge } = chain(logits, { covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9, 0.8) }), never);
    expect(layersOf(result)).toEqual([1, 2, 3, 4, 5, 6].map((layer) => `${layer} mobile`));
    expect(result.crossings).toEqual([]);
    expect([mobile.layersRun.length, edge.layersRun.length]).toEqual([6, 0]);
  });

  test('takes over from where a tier cut off from the others had to stop', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const runtime = new FakeRuntime({ manifest, logits });
    const steps: LayerStep[] = [];
    const onStep = (_: string, step: LayerStep) => steps.push(step);
    const cutOff = fakeLadder({ name: 'mobile', runtime, heldStates, onStep });
    const alone = fakeLadder({ name: 'mobile', covers: ['mobile', 'edge', 'cloud'], runtime, heldStates });
    const request = fakeRequest({ policy: byConfidence(0.9, 0.8) });
    expect(await failureOf(cutOff.infer(request, never))).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    const priorLogits = steps.map((step) => step.logits);
    const result = await alone.infer({ ...request, priorLogits, input: { kind: 'held' } }, never);
    expect(layersOf(result)).toEqual(['5 mobile', '6 mobile']);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('answers a text meant for a tier it covers', async () => {
    const { tier, mobile } = chain(logits, { covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.steps).toHaveLength(12);
    expect(mobile.layersRun).toHaveLength(12);
  });

  test('may cover one other tier and hand on to the next', async () => {
    const upstream = spy();
    const tier = fakeLadder({ name: 'edge', covers: ['mobile', 'edge'], upstream });
    const result = await tier.infer(fakeRequest(), never);
    expect(result.steps.slice(0, 8).every((step) => step.tier === 'edge')).toBe(true);
    expect(upstream.asked[0]?.priorLogits).toHaveLength(8);
  });
});
