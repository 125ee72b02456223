import type { Page } from '@playwright/test';

/** What the main thread of the page did while something went on. */
export interface Busy {
  /** Tasks of more than 50 ms on the clock, in milliseconds (long tasks of the Performance API). On a busy machine other processes count in. */
  readonly longTasks: readonly number[];
  /** From one frame to the next, in milliseconds, sorted. */
  readonly frameGaps: readonly number[];
  /** Processor time of each task, in milliseconds, longest first: what the page itself did, however busy the machine. */
  readonly taskCpu: readonly number[];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * Half of what `work` takes, in milliseconds, on a server where the same pages need 2 to 3 times as long as on the one
 * that the bounds of the tests were set on; it has not been timed there.
 */
const REFERENCE_MS = 5;

/**
 * About how many times as long as that one this machine takes for the same work in the page, and 1 at least: bounds in milliseconds
 * are to be multiplied by it.
 */
export async function slowness(page: Page): Promise<number> {
  return Math.max(1, (await page.evaluate(work)) / REFERENCE_MS);
}

/** Runs in the page. Sorts and joins 20,000 texts, time and again; the quickest, which other work has not held up, in milliseconds. */
function work() {
  const times = Array.from({ length: 20 }, (_, round) => {
    const start = performance.now();
    const texts = Array.from({ length: 20_000 }, (_, row) => `${(row * 7919 + round) % 20_011} of many`);
    texts.sort().join('\n');
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Looks at the page's main thread while `act` runs. */
export async function busyDuring(page: Page, act: () => Promise<void>): Promise<Busy> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser of its own.');
  const watch = await page.evaluateHandle(startWatch);
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await act();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly TraceEvent[] };
  const { longTasks, frameGaps } = await watch.evaluate((stop) => stop());
  return { longTasks, frameGaps: frameGaps.sort((a, b) => a - b), taskCpu: taskCpuOf(trace.traceEvents) };
}

export function median(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Runs in the page. */
function startWatch() {
  const longTasks: number[] = [];
  const frameGaps: number[] = [];
  const observer = new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration));
  });
  observer.observe({ type: 'longtask' });
  let last = performance.now();
  let frame = requestAnimationFrame(function next(now) {
    frameGaps.push(now - last);
    last = now;
    frame = requestAnimationFrame(next);
  });
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    return { longTasks, frameGaps };
  };
}

/** Tasks of the main threads of all renderers: the page is the only one that works. */
function taskCpuOf(events: readonly TraceEvent[]): number[] {
  const mainThreads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return events
    .filter(({ name, ph, pid, tid }) => name.endsWith('RunTask') && ph === 'X' && mainThreads.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a);
}
