import { describe, expect, test } from 'vitest';
import { DimeeError } from '../errors';
import { Admission, type AdmissionOptions } from './admission';

const admissionOf = (options: Partial<AdmissionOptions> = {}) =>
  new Admission({ maxSamples: 100, maxTokens: 1000, maxWaitMs: 1000, workers: 1, random: () => 0.5, ...options });

const OVERLOADED = expect.objectContaining({ code: 'OVERLOADED' }) as Error;

/** Lets a sample in and out that computes so long. */
function pass(admission: Admission, tokens: number, ms: number): void {
  const admitted = admission.enter(tokens);
  admitted.computed(ms);
  admitted.leave();
}

function refusalOf(admission: Admission, tokens: number): DimeeError {
  try {
    admission.enter(tokens);
  } catch (error) {
    if (error instanceof DimeeError) return error;
  }
  throw new Error('It was let in.');
}

describe('Admission', () => {
  test('is bounded in samples', () => {
    const admission = admissionOf({ maxSamples: 2 });
    const first = admission.enter(1);
    admission.enter(1);
    expect(refusalOf(admission, 1)).toMatchObject({ code: 'OVERLOADED', retryable: true });
    first.leave();
    expect(() => admission.enter(1)).not.toThrow();
  });

  test('leaves a quarter to others, whichever address takes the rest', () => {
    const [greedy, light] = [{ address: 'greedy' }, { address: 'light' }];
    const admission = admissionOf({ maxTokens: 100 });
    const first = admission.enter(70, greedy);
    admission.enter(10, greedy);
    expect(() => admission.enter(10, greedy)).toThrow(OVERLOADED);
    expect(() => admission.enter(20, light)).not.toThrow();
    first.leave();
    expect(() => admission.enter(20, greedy)).not.toThrow();
  });

  test('leaves something for a client that has little, however many take what they can get', () => {
    const admission = admissionOf({ maxTokens: 1000 });
    const clients = Array.from({ length: 9 }, () => ({}));
    const taken = clients.map(() => 0);
    for (let round = 0; round < 100; round++) {
      clients.forEach((client, index) => {
        try {
          admission.enter(10, { client, address: 'theirs' });
          taken[index] = (taken[index] ?? 0) + 10;
        } catch {
          // It is full for this one.
        }
      });
    }
    expect(Math.max(...taken) - Math.min(...taken)).toBeLessThanOrEqual(10);
    for (const address of ['theirs', 'another']) {
      expect(() => admission.enter(10, { client: {}, address })).not.toThrow();
    }
  });

  test('leaves others their part of the time, too', () => {
    // At a quarter of a millisecond a token, as long as nothing has been measured.
    const admission = admissionOf({ maxWaitMs: 20 });
    admission.enter(60, { address: 'greedy' });
    expect(() => admission.enter(10, { address: 'greedy' })).toThrow(OVERLOADED);
    expect(() => admission.enter(20, { address: 'light' })).not.toThrow();
  });

  test('is bounded in tokens; a sample that is alone may have any number', () => {
    const admission = admissionOf({ maxTokens: 100 });
    const long = admission.enter(500);
    expect(refusalOf(admission, 1).code).toBe('OVERLOADED');
    long.leave();
    admission.enter(60);
    expect(refusalOf(admission, 41).code).toBe('OVERLOADED');
    admission.enter(40);
    expect(admission.inside).toEqual({ samples: 2, tokens: 100 });
  });

  test('is bounded in the time that it would take', () => {
    const admission = admissionOf({ maxWaitMs: 500, workers: 2 });
    for (let index = 0; index < 500; index++) pass(admission, 100, 1000);
    admission.enter(60);
    admission.enter(40);
    expect(refusalOf(admission, 1).code).toBe('OVERLOADED');
  });

  test('says how long all that is here will take, by the speed measured', () => {
    const admission = admissionOf({ maxTokens: 200, workers: 2, maxWaitMs: 1e6 });
    for (let index = 0; index < 10_000; index++) pass(admission, 10, 40);
    admission.enter(200);
    expect(refusalOf(admission, 10).retryAfterMs).toBe(400);
  });

  test('tells those who come together different times, about the true one', () => {
    let draw = 0;
    const admission = admissionOf({ maxTokens: 100, maxWaitMs: 1e6, random: () => draw });
    for (let index = 0; index < 1000; index++) pass(admission, 100, 1000);
    admission.enter(100);
    expect([0, 0.5, 0.999].map((next) => ((draw = next), refusalOf(admission, 1).retryAfterMs))).toEqual([
      750, 1000, 1250,
    ]);
  });

  test('forgets an old speed', () => {
    const admission = admissionOf({ maxWaitMs: 1e6, maxTokens: 100 });
    for (let index = 0; index < 300; index++) pass(admission, 100, 1000);
    for (let index = 0; index < 1500; index++) pass(admission, 100, 100);
    admission.enter(100);
    expect(admission.retryAfterMs).toBeLessThanOrEqual(102);
  });

  test('does not take a cold start for the speed', () => {
    const admission = admissionOf({ maxWaitMs: 1000 });
    pass(admission, 20, 400);
    for (let sample = 0; sample < 64; sample++) expect(() => admission.enter(15)).not.toThrow();
  });

  test('learns nothing from what did not compute, and counts nobody out twice', () => {
    const admission = admissionOf({ maxWaitMs: 1e6 });
    for (let index = 0; index < 1000; index++) pass(admission, 100, 1000);
    const before = admission.retryAfterMs;
    for (let index = 0; index < 500; index++) pass(admission, 100, 0);
    expect(admission.retryAfterMs).toBe(before);
    const { leave } = admission.enter(30);
    expect(admission.inside).toEqual({ samples: 1, tokens: 30 });
    leave();
    leave();
    expect(admission.inside).toEqual({ samples: 0, tokens: 0 });
  });
});
