import { afterEach, expect, test, vi } from 'vitest';
import { breathe } from './breathe';

afterEach(() => void vi.restoreAllMocks());

/** Breathes with so many milliseconds of computing in between; Node hears a timer once in a thousand messages. */
async function isTimerHeard(computeMs: number): Promise<boolean> {
  let clockMs = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => clockMs);
  await breathe();
  let isHeard = false;
  setTimeout(() => (isHeard = true), 0);
  for (let breaths = 0; breaths < 5000; breaths++) {
    clockMs += computeMs;
    await breathe();
  }
  return isHeard;
}

test('a timer is heard by one who computes and breathes', async () => {
  expect(await isTimerHeard(20)).toBe(true);
});

test('nothing is waited for where the last breath was just now', async () => {
  expect(await isTimerHeard(0)).toBe(false);
});

test('all who breathe at once go on', async () => {
  await Promise.all([breathe(), breathe(), breathe()]);
});
