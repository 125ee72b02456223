import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { isAbort } from '../errors';
import { atOnce, fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { FakeRuntime } from '../testing/fake-runtime';
import { HeldStates } from './held-states';
import type { LadderTierOptions } from './ladder-tier';
import { byConfidence, clockOf, failureOf, manifest, never, spy } from '../testing/ladder-chain';

describe('a sample that is no longer wanted', () => {
  test('RQ6: an abort stops it before the next layer', async () => {
    const abort = new AbortController();
    const upstream = spy();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 2 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, upstream });
    const error = await tier.infer(fakeRequest(), abort.signal).catch((reason: unknown) => reason);
    expect(isAbort(error)).toBe(true);
    expect(runtime.layersRun).toEqual([1, 2]);
    expect(upstream.asked).toEqual([]);
  });

  test('an abort at this tier’s last layer keeps it from the next tier', async () => {
    const abort = new AbortController();
    const upstream = spy();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 4 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, upstream });
    const error = await tier.infer(fakeRequest(), abort.signal).catch((reason: unknown) => reason);
    expect(isAbort(error)).toBe(true);
    expect(upstream.asked).toEqual([]);
  });

  test('its abort reaches its schedule', async () => {
    const abort = new AbortController();
    const signals: AbortSignal[] = [];
    const schedule: LadderTierOptions['schedule'] = (job, signal) => {
      signals.push(signal);
      return atOnce(job, signal);
    };
    await fakeLadder({ name: 'mobile', schedule }).infer(fakeRequest({ policy: byConfidence(0) }), abort.signal);
    expect(signals).toEqual([abort.signal]);
  });

  test('ER3: a deadline that passes stops it before the next layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest, beforeLayer: () => (clock.time += 30) });
    const tier = fakeLadder({ name: 'mobile', runtime, now: clock.now });
    expect(await failureOf(tier.infer(fakeRequest({ deadlineMs: 60 }), never))).toEqual({
      code: 'DEADLINE_EXCEEDED',
      message: 'The mobile tier could not answer within 60 ms.',
      retryable: true,
      retryAfterMs: undefined,
    });
    expect(runtime.layersRun).toEqual([1, 2, 3]);
  });

  test('ER3: a deadline that passes in the queue runs no layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest });
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 61;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', runtime, schedule, now: clock.now });
    const failure = await failureOf(tier.infer(fakeRequest({ deadlineMs: 60 }), never));
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(runtime.layersRun).toEqual([]);
  });

  test('keeps the state of an earlier climb when a later one is stopped', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const abort = new AbortController();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 3 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, heldStates });
    const logits = (await tier.infer(fakeRequest({ policy: byConfidence(0) }), never)).steps.map((step) => step.logits);
    const climbOn = fakeRequest({ priorLogits: logits, input: { kind: 'held' } });
    await tier.infer(climbOn, abort.signal).catch(() => undefined);
    expect(heldStates.get('sample-0', toLayer(1))).toBeDefined();
  });
});
