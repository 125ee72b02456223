import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inTime } from './in-time';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const late = () => new Error('Too late.');
const after = (ms: number, end: () => string) => new Promise((resolve) => setTimeout(resolve, ms)).then(end);

test('what comes in time is given, and so is its failure', async () => {
  const good = inTime(
    after(900, () => 'here'),
    1000,
    late,
  );
  const bad = inTime(
    after(900, () => {
      throw new Error('No.');
    }),
    1000,
    late,
  ).catch(String);
  await vi.advanceTimersByTimeAsync(900);
  expect([await good, await bad]).toEqual(['here', 'Error: No.']);
  expect(vi.getTimerCount()).toBe(0);
});

test('what never ends is given up', async () => {
  const never = inTime(new Promise(() => undefined), 1000, late).catch(String);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await never).toBe('Error: Too late.');
});
