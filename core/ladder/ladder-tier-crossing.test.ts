import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../testing/fake-runtime';
import { HeldStates } from './held-states';
import type { LadderTierOptions } from './ladder-tier';
import { byConfidence, chain, clockOf, failureOf, layersOf, manifest, never, spy } from '../testing/ladder-chain';

describe('a sample that goes on', () => {
  test('climbs from mobile to edge to cloud', async () => {
    const { tier, mobile, edge, cloud } = chain(logitsOfConfidence(new Array<number>(12).fill(0.6)));
    const result = await tier.infer(fakeRequest(), never);
    expect(layersOf(result)).toEqual(
      Array.from({ length: 12 }, (_, index) => `${index + 1} ${['mobile', 'edge', 'cloud'][Math.floor(index / 4)]}`),
    );
    expect([mobile, edge, cloud].map((runtime) => runtime.layersRun.length)).toEqual([4, 4, 4]);
    // 4 tokens × 8 numbers × 4 bytes and the header of 32.
    expect(result.crossings).toMatchObject([
      { from: 'mobile', to: 'edge', afterLayer: 4, bytesUp: 160 },
      { from: 'edge', to: 'cloud', afterLayer: 8, bytesUp: 160 },
    ]);
  });

  test('leaves at the edge by the edge’s threshold', async () => {
    const { tier, cloud } = chain(logitsOfConfidence([0.85, 0.85, 0.85, 0.85, 0.7, 0.85]));
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9, 0.8) }), never);
    expect(layersOf(result).at(-1)).toBe('6 edge');
    expect(cloud.layersRun).toEqual([]);
  });

  test('crosses straight to the cloud’s layers where the edge runs none', async () => {
    const { tier, edge } = chain(logitsOfConfidence([]));
    const plan = { mobileLayers: 4, edgeLayers: 4 };
    expect(layersOf(await tier.infer(fakeRequest({ plan }), never))[4]).toBe('5 cloud');
    expect(edge.layersRun).toEqual([]);
  });

  test('never crosses where the mobile tier runs every layer', async () => {
    const { tier } = chain(logitsOfConfidence([]));
    const result = await tier.infer(fakeRequest({ plan: { mobileLayers: 12, edgeLayers: 12 } }), never);
    expect(layersOf(result).at(-1)).toBe('12 mobile');
    expect(result.crossings).toEqual([]);
  });

  test('takes its exits along: patience counts across tiers', async () => {
    const { tier } = chain(logitsOfConfidence(new Array<number>(12).fill(0.6)));
    const policy = { id: 'patience', parameters: { patience: 9 } };
    expect(layersOf(await tier.infer(fakeRequest({ policy }), never)).at(-1)).toBe('10 cloud');
  });

  test('hands its state, its logits and what is left of its time to the next tier, and adds up the answer', async () => {
    const clock = clockOf();
    const upstream = spy();
    const logits = logitsOfConfidence([0.6, 0.7, 0.6, 0.7]);
    const runtime = new FakeRuntime({ manifest, logits, beforeLayer: () => (clock.time += 100) });
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 7;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', runtime, upstream, schedule, now: clock.now });
    const abort = new AbortController();
    const request = fakeRequest({ sampleKey: 'key', deadlineMs: 1000, payloadDtype: 'int8' });
    const result = await tier.infer(request, abort.signal);
    const state = fakeState(manifest, 0, toLayer(4), 4);
    const priorLogits = result.steps.slice(0, 4).map((step) => step.logits);
    expect(upstream.asked).toEqual([
      { ...request, priorLogits, input: { kind: 'hiddenState', state }, deadlineMs: 1000 - 7 - 400 },
    ]);
    expect(priorLogits).toHaveLength(4);
    expect(upstream.signals).toEqual([abort.signal]);
    expect(result).toMatchObject({ tokens: 4, queueMs: 7 + 5 });
    expect(layersOf(result)).toEqual(['1 mobile', '2 mobile', '3 mobile', '4 mobile', '5 edge']);
    expect(result.crossings).toHaveLength(1);
  });

  test('without a tier above is TIER_UNAVAILABLE, and its state is kept for another try', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const tier = fakeLadder({ name: 'mobile', heldStates });
    const failure = await failureOf(tier.infer(fakeRequest({ sampleKey: 'stranded' }), never));
    expect(failure).toMatchObject({ code: 'TIER_UNAVAILABLE', message: expect.stringContaining('run layer 5') });
    expect(heldStates.get('stranded', toLayer(4))).toEqual(fakeState(manifest, 0, toLayer(4), 4));
  });
});

describe('a text that the policy sends elsewhere', () => {
  test.each([
    ['all-mobile', '4 mobile', 4],
    ['all-edge', '8 edge', 8],
    ['all-cloud', '12 cloud', 12],
  ])('%s: is read and answered there alone', async (id, last, layers) => {
    const { tier, mobile, edge, cloud } = chain(logitsOfConfidence(new Array<number>(12).fill(0.999)));
    const result = await tier.infer(fakeRequest({ policy: { id, parameters: {} } }), never);
    expect(result.steps).toHaveLength(layers);
    expect(layersOf(result).at(-1)).toBe(last);
    expect([mobile, edge, cloud].filter((runtime) => runtime.samplesEmbedded.length > 0)).toHaveLength(1);
    expect([mobile, edge, cloud].filter((runtime) => runtime.layersRun.length > 0)).toHaveLength(1);
  });

  test('crosses as text, without a turn in the queue of the tier it passes', async () => {
    const { tier } = chain(logitsOfConfidence([]), {
      schedule: () => Promise.reject(new Error('nothing to do here')),
    });
    const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.crossings).toMatchObject([
      { from: 'mobile', to: 'edge', afterLayer: 0, bytesUp: 8 },
      { from: 'edge', to: 'cloud', afterLayer: 0, bytesUp: 8 },
    ]);
  });
});
