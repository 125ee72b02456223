import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from './progress';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('reports four times a second at most, and the last count always', () => {
  const report = vi.fn();
  const progress = new Progress(report);
  progress.need(1000);
  for (let count = 0; count < 100; count++) {
    progress.load(10);
    vi.advanceTimersByTime(10);
  }
  expect(report.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(report.mock.calls.length).toBeLessThanOrEqual(4);
  vi.advanceTimersByTime(250);
  expect(report).toHaveBeenLastCalledWith({ type: 'progress', loadedBytes: 1000, totalBytes: 1000, cachedBytes: 0 });
});

test('counts what came from the cache among what is here, and apart', () => {
  const report = vi.fn();
  const progress = new Progress(report);
  progress.need(30);
  progress.loadCached(20);
  progress.load(10);
  progress.flush();
  expect(report).toHaveBeenCalledExactlyOnceWith({
    type: 'progress',
    loadedBytes: 30,
    totalBytes: 30,
    cachedBytes: 20,
  });
});

test('is silent while nothing changes', () => {
  const report = vi.fn();
  const progress = new Progress(report);
  progress.need(1);
  progress.flush();
  progress.flush();
  vi.advanceTimersByTime(1000);
  expect(report).toHaveBeenCalledTimes(1);
});
