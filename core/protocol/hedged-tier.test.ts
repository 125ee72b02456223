import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DimeeError, isAbort } from '../errors';
import type { InferRequest, InferResult } from '../ladder/tier';
import { fakeRequest } from '../testing/fake-ladder';
import { HedgedTier, type Way } from './hedged-tier';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const never = new AbortController().signal;
const unavailable = () => new DimeeError('TIER_UNAVAILABLE', 'gone', { retryable: true });

/** A tier that answers after a time, with that as its number of tokens, until it is told otherwise. */
class TimedWay implements Way {
  isOpen = true;
  asked = 0;
  answered = 0;
  cancelled = 0;
  failure: DimeeError | undefined;
  refusal: DimeeError | undefined;
  readonly keys: string[] = [];

  constructor(public ms: number) {}

  infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    this.asked++;
    this.keys.push(request.sampleKey);
    return new Promise((resolve, reject) => {
      const tokens = this.ms;
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        if (this.failure) return reject(this.failure);
        this.answered++;
        resolve({ tokens, steps: [], crossings: [], queueMs: 0 });
      }, this.ms);
      const stop = () => {
        clearTimeout(timer);
        this.cancelled++;
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', stop);
    });
  }
}

const tierOver = (ways: readonly Way[], patienceMs?: number) =>
  new HedgedTier({ ways, now: () => performance.now(), patienceMs });

let nextKey = 0;
const request = (changes: Partial<InferRequest> = {}) => fakeRequest({ sampleKey: `sample-${nextKey++}`, ...changes });

/** So many samples, one every few milliseconds, with the times that they took. */
async function offer(tier: HedgedTier, count: number, everyMs = 10): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    void tier.infer(request(), never).then(() => times.push(performance.now() - startedAt));
    await pass(everyMs);
  }
  await pass(5000);
  return times.sort((a, b) => a - b);
}

describe('Several tiers', () => {
  test('of which one is ten times slower answer nearly as two fast ones, each sample once, for few more requests', async () => {
    const [fast, slow] = [new TimedWay(20), new TimedWay(200)];
    const times = await offer(tierOver([slow, fast]), 1000);
    expect(times).toHaveLength(1000);
    expect(times[990]).toBeLessThanOrEqual(1.5 * 20);
    expect(slow.asked + fast.asked).toBeLessThanOrEqual(1100);
  });

  test('are asked a second time where the first is late, and the late one is cancelled', async () => {
    const [one, other] = [new TimedWay(20), new TimedWay(20)];
    const tier = tierOver([one, other]);
    await offer(tier, 100);
    const asked = one.asked + other.asked;
    one.ms = other.ms = 1000;
    const late = tier.infer(request(), never);
    await pass(10);
    one.ms = other.ms = 5;
    await pass(40);
    expect((await late).tokens).toBe(5);
    expect(one.asked + other.asked).toBe(asked + 2);
    expect(one.cancelled + other.cancelled).toBe(1);
  });

  test('share the work where they are alike', async () => {
    const [one, other] = [new TimedWay(20), new TimedWay(20)];
    await offer(tierOver([one, other]), 200, 5);
    expect(Math.min(one.asked, other.asked)).toBeGreaterThan(60);
  });

  test('take over from one that is gone, and wait where all are', async () => {
    const [one, other] = [new TimedWay(20), new TimedWay(30)];
    const tier = tierOver([one, other]);
    one.failure = unavailable();
    const moved = tier.infer(request(), never);
    one.isOpen = true;
    await pass(60);
    expect((await moved).tokens).toBe(30);
    one.isOpen = other.isOpen = false;
    one.failure = undefined;
    const waiting = tier.infer(request({ deadlineMs: 60_000 }), never);
    await pass(20_000);
    one.isOpen = true;
    await pass(100);
    expect((await waiting).tokens).toBe(20);
  });

  test('RQ4: do not get a sample a third time under which two have broken', async () => {
    const ways = [new TimedWay(5), new TimedWay(5), new TimedWay(5)];
    for (const way of ways) way.failure = unavailable();
    const failing = expect(tierOver(ways).infer(request(), never)).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE' });
    await pass(100);
    await failing;
    expect(ways.map(({ asked }) => asked).reduce((sum, asked) => sum + asked)).toBe(2);
  });

  test('that are all away are TIER_UNAVAILABLE when patience ends', async () => {
    const way = new TimedWay(5);
    way.isOpen = false;
    const failing = expect(tierOver([way, way], 2500).infer(request(), never)).rejects.toMatchObject({
      code: 'TIER_UNAVAILABLE',
    });
    await pass(2600);
    await failing;
  });

  test('give the error of the one that was asked, of which another would say the same', async () => {
    const [one, other] = [new TimedWay(5), new TimedWay(5)];
    one.failure = other.failure = new DimeeError('BAD_INPUT', 'no such task');
    const failing = expect(tierOver([one, other]).infer(request(), never)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await pass(20);
    await failing;
    expect(one.asked + other.asked).toBe(1);
  });

  test('are asked for a held state where it is held, and not both', async () => {
    const [one, other] = [new TimedWay(20), new TimedWay(20)];
    const tier = tierOver([one, other]);
    await offer(tier, 50);
    const sampleKey = 'mine';
    const first = tier.infer(request({ sampleKey }), never);
    await pass(50);
    await first;
    const home = one.keys.includes(sampleKey) ? one : other;
    home.ms = 500;
    const held = tier.infer(request({ sampleKey, input: { kind: 'held' } }), never);
    await pass(600);
    expect((await held).tokens).toBe(500);
  });

  test('all stop where the sample is wanted no more', async () => {
    const [one, other] = [new TimedWay(1000), new TimedWay(1000)];
    const abort = new AbortController();
    const outcome = tierOver([one, other])
      .infer(request(), abort.signal)
      .catch((error: unknown) => error);
    await pass(10);
    abort.abort();
    expect(isAbort(await outcome)).toBe(true);
    expect(one.cancelled + other.cancelled).toBe(1);
  });
});

test('Ways of which none will ever stand refuse at once; where one may, it is waited for', async () => {
  const [one, other] = [new TimedWay(10), new TimedWay(10)];
  one.isOpen = other.isOpen = false;
  one.refusal = new DimeeError('UNAUTHORIZED', 'a token is wanted');
  const tier = tierOver([one, other]);
  const outcome = vi.fn();
  tier.infer(request(), never).then(outcome, outcome);
  await pass(1000);
  expect(outcome).not.toHaveBeenCalled();
  other.refusal = new DimeeError('MODEL_MISMATCH', 'another model');
  await pass(100);
  expect(outcome).toHaveBeenCalledWith(one.refusal);
});
