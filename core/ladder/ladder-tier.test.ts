import { describe, expect, test } from 'vitest';
import { DimeeError, errorData } from '../errors';
import { toLayer } from '../layers';
import { parseManifest } from '../model/manifest';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeManifestJson } from '../testing/fake-manifest';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../testing/fake-runtime';
import type { EarlyExit, LadderTierOptions } from './ladder-tier';
import { byConfidence, chain, clockOf, failureOf, layersOf, manifest, never } from '../testing/ladder-chain';

describe('a sample on its own tier', () => {
  const logits = logitsOfConfidence([0.6, 0.7, 0.92, 0.97, 0.6, 0.99]);

  test('leaves at the first layer whose exit the policy takes', async () => {
    const { tier, mobile, edge } = chain(logits);
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9) }), never);
    expect(layersOf(result)).toEqual(['1 mobile', '2 mobile', '3 mobile']);
    expect(result.tokens).toBe(4);
    expect(result.crossings).toEqual([]);
    expect([mobile.layersRun, edge.layersRun]).toEqual([[1, 2, 3], []]);
  });

  test('is judged by calibrated probabilities: a temperature moves its exit', async () => {
    const temperatures = [1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const json = fakeManifestJson();
    const warm = parseManifest({ ...json, tasks: { ...json.tasks, sst2: { ...json.tasks.sst2, temperatures } } });
    const { tier } = chain(logits, { manifest: warm });
    expect(layersOf(await tier.infer(fakeRequest({ policy: byConfidence(0.9) }), never)).at(-1)).toBe('4 mobile');
  });

  test('gets the logits of its own task', async () => {
    const { tier } = chain(() => [0, 0, 1, 2, 3]);
    const input = { kind: 'text', texts: ['sample 0', 'sample 0'] } as const;
    const result = await tier.infer(fakeRequest({ task: 'mnli', input, policy: byConfidence(0) }), never);
    expect(result.steps[0]?.logits).toEqual([1, 2, 3]);
  });

  test('reports every step as it is made', async () => {
    const seen: [string, number][] = [];
    const { tier } = chain(logits, { onStep: (key, step) => seen.push([key, step.layer]) });
    await tier.infer(fakeRequest({ sampleKey: 'watched', policy: byConfidence(0.65) }), never);
    expect(seen).toEqual([
      ['watched', 1],
      ['watched', 2],
    ]);
  });

  test('waits for its turn, and the wait is its queue time', async () => {
    const clock = clockOf();
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 40;
      return job();
    };
    const { tier } = chain(logits, { schedule, now: clock.now });
    expect((await tier.infer(fakeRequest({ policy: byConfidence(0) }), never)).queueMs).toBe(40);
  });

  test('measures the compute of each layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest, logits, beforeLayer: (layer) => (clock.time += 10 * layer) });
    const tier = fakeLadder({ name: 'mobile', runtime, now: clock.now });
    const { steps } = await tier.infer(fakeRequest({ policy: byConfidence(0.65) }), never);
    expect(steps.map((step) => step.computeMs)).toEqual([10, 20]);
  });

  test('is refused with what its schedule says when too many wait', async () => {
    const full = new DimeeError('OVERLOADED', 'The queue is full.', { retryable: true, retryAfterMs: 20 });
    const { tier, mobile } = chain(logits, { schedule: () => Promise.reject(full) });
    expect(await failureOf(tier.infer(fakeRequest(), never))).toEqual(errorData(full));
    expect(mobile.samplesEmbedded).toEqual([]);
  });

  test('is told of with its answer and its state where it leaves before the last layer, and there alone', async () => {
    const left: EarlyExit[] = [];
    const tell = (exit: EarlyExit) => void left.push(exit);
    const [tier, last] = [toLayer(2), toLayer(12)];
    const early = fakeLadder({ name: 'mobile', runtime: new FakeRuntime({ manifest, logits }), onLeftEarly: tell });
    await early.infer(fakeRequest({ policy: byConfidence(0.65) }), never);
    expect(left.map(({ task, enteredAfter, answer }) => [task, enteredAfter, answer.layer])).toEqual([
      ['sst2', 0, tier],
    ]);
    expect(left[0]?.state).toEqual(fakeState(manifest, 0, tier));
    const whole = fakeLadder({ name: 'cloud', runtime: new FakeRuntime({ manifest, logits }), onLeftEarly: tell });
    const { steps } = await whole.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect([steps.at(-1)?.layer, left.length]).toEqual([last, 1]);
    const { tier: handingOn } = chain(logits, { onLeftEarly: tell });
    await handingOn.infer(fakeRequest({ policy: byConfidence(1, 0) }), never);
    expect(left).toHaveLength(1);
  });

  test('stops at logits that are not finite instead of taking them for an unsure exit', async () => {
    const { tier, mobile } = chain((_, layer) => [layer === 2 ? NaN : 0, 0, 0, 0, 0]);
    expect(await failureOf(tier.infer(fakeRequest(), never))).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('Layer 2 gave logits that are not finite'),
    });
    expect(mobile.layersRun).toEqual([1, 2]);
  });
});
