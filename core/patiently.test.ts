import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DimeeError } from './errors';
import { patiently } from './patiently';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const away = new DimeeError('MODEL_UNAVAILABLE', 'It is away.', { retryable: true });
const gone = new DimeeError('MODEL_UNAVAILABLE', 'It is gone.');

/** An attempt that fails with these, one after the other, and then gives 7. */
function failing(...failures: Error[]) {
  return vi.fn(() => {
    const failure = failures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve(7);
  });
}

test('tries until it succeeds, a little later each time', async () => {
  const [attempt, onFailure] = [failing(away, away, away), vi.fn()];
  const outcome = patiently(attempt, { isWanted: () => true, onFailure });
  await vi.advanceTimersByTimeAsync(1499);
  expect(attempt).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(2001);
  expect(await outcome).toBe(7);
  expect(onFailure.mock.calls).toEqual([[away], [away], [away]]);
});

test.each([gone, new Error('A fault.')])('gives up what cannot succeed later: %s', async (failure) => {
  await expect(patiently(failing(failure), { isWanted: () => true })).rejects.toBe(failure);
});

test('gives up what nobody wants any more', async () => {
  let isWanted = true;
  const outcome = patiently(failing(away, away), { isWanted: () => isWanted }).catch((error: unknown) => error);
  isWanted = false;
  await vi.advanceTimersByTimeAsync(500);
  expect(await outcome).toBe(away);
});
