import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { ServerProcess } from '../edge-server/testing/server-process';
import { browserOptions, ensureBuilt } from '../scripts/setup.mjs';
import { type Benchmark, median, type Report } from './benchmark';
import { followScripts, slowDown } from './testing/devtools';

const VISITS = 5;
const PATIENCE_MS = 120_000;
/** What still moves the page after its first chart: the edge connects, the model is ready. */
const SETTLE_MS = 1500;

/** A visit with nothing in the browser's cache. Times count from the navigation. */
interface Visit {
  readonly shellMs: number;
  readonly firstChartMs: number;
  /** Sum of all shifts that nobody asked for, until `SETTLE_MS` after the first chart. */
  readonly layoutShift: number;
  /** What tasks of the page's thread last beyond 50 ms each, until the first chart. */
  readonly blockingMs: number;
  /** JavaScript as it crosses the line, that had come by the first chart. */
  readonly scriptBytes: number;
}

interface FirstSeconds extends Report, Visit {
  readonly throttled: { readonly firstChartMs: number; readonly firstAnswerMs: number };
}

/** What each figure may be, and what it was of the page that came as one script (`before`, November 2026). */
const FIGURES = {
  shellMs: { words: 'shell, ms', bound: 300, before: 700 },
  firstChartMs: { words: 'first chart, ms', bound: 700, before: 800 },
  layoutShift: { words: 'layout shift', bound: 0.01, before: 0.032 },
  blockingMs: { words: 'blocking time to the first chart, ms', bound: 100, before: 280 },
  scriptBytes: { words: 'JavaScript before the first chart, bytes (Brotli)', bound: 60_000, before: 154_000 },
  throttledChartMs: { words: 'first chart, a quarter of the CPU, Fast 4G, ms', bound: 1600, before: 2700 },
  throttledAnswerMs: { words: 'first answer, a quarter of the CPU, Fast 4G, ms', bound: 2500, before: 26_000 },
};

/** The page from an empty cache, as a stranger meets it: real build, real edge server, Chromium on loopback. */
export const firstSeconds: Benchmark = {
  name: 'first-seconds',
  about: 'first chart, layout shift, blocking time and script bytes of a first visit; at Fast 4G the first answer, too',
  async run(): Promise<FirstSeconds> {
    ensureBuilt();
    const server = await ServerProcess.start([]);
    const browser = await chromium.launch(browserOptions());
    const visitOnce = () => inNewContext(browser, (context) => visit(context, `http://localhost:${server.port}/`));
    const slowlyOnce = () => inNewContext(browser, (context) => answer(context, `http://localhost:${server.port}/`));
    const visits = await repeated(visitOnce);
    const slow = await repeated(slowlyOnce);
    await browser.close();
    await server.stop();
    const ofVisits = (key: keyof Visit) => median(visits.map((each) => each[key]));
    const figures: Visit = {
      shellMs: ofVisits('shellMs'),
      firstChartMs: ofVisits('firstChartMs'),
      layoutShift: ofVisits('layoutShift'),
      blockingMs: ofVisits('blockingMs'),
      scriptBytes: ofVisits('scriptBytes'),
    };
    const throttled = {
      firstChartMs: median(slow.map(({ firstChartMs }) => firstChartMs)),
      firstAnswerMs: median(slow.map(({ firstAnswerMs }) => firstAnswerMs)),
    };
    return { ...claimOf(figures, throttled), ...figures, throttled };
  },
};

function claimOf(figures: Visit, { firstChartMs, firstAnswerMs }: FirstSeconds['throttled']): Report {
  const measured = { ...figures, throttledChartMs: firstChartMs, throttledAnswerMs: firstAnswerMs };
  const lines = Object.entries(FIGURES).map(([key, { words, bound, before }]) => {
    const value = measured[key as keyof typeof measured];
    return { share: value / bound, detail: [words, `${shown(value)}, at most ${bound}; was ${before}`] as const };
  });
  return {
    claim: `the first seconds of a first visit keep their bounds, medians of ${VISITS}`,
    value: Math.max(...lines.map(({ share }) => share)),
    bound: 1,
    unit: 'times its bound (the figure that is farthest from it)',
    details: Object.fromEntries(lines.map(({ detail }) => detail)),
  };
}

function shown(value: number): number {
  return value < 10 ? Number(value.toFixed(4)) : Math.round(value);
}

async function repeated<Result>(once: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < VISITS) results.push(await once());
  return results;
}

/** Each visit has caches of its own, and leaves none. */
async function inNewContext<Result>(browser: Browser, use: (context: BrowserContext) => Promise<Result>) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

async function visit(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  await page.addInitScript(watchTimeline);
  const scripts = await followScripts(page);
  await page.goto(url);
  const firstChartMs = await firstChart(page);
  await page.waitForTimeout(SETTLE_MS);
  const scriptBytes = scripts.bytesBy((await page.evaluate(() => performance.timeOrigin)) + firstChartMs);
  return { ...(await page.evaluate(readTimeline, firstChartMs)), firstChartMs, scriptBytes };
}

/** Types a sentence as soon as there is a field for it, and waits for its answer. */
async function answer(context: BrowserContext, url: string) {
  const page = await context.newPage();
  await slowDown(page);
  await page.goto(url, { waitUntil: 'commit' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill('A warm and funny film.');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const firstChartMs = await firstChart(page);
  const answered = await page.waitForFunction(isAnswered, undefined, { timeout: PATIENCE_MS, polling: 'raf' });
  return { firstChartMs, firstAnswerMs: Number(await answered.jsonValue()) };
}

/** Milliseconds until the hero showed the recorded dev split, drawn into the HTML or by the page; either notes it. */
async function firstChart(page: Page): Promise<number> {
  const shown = await page.waitForFunction(chartShownAt, undefined, { timeout: PATIENCE_MS, polling: 100 });
  return Number(await shown.jsonValue());
}

/* In the page. */

/** No frame is on the screen before the browser says that its first is. */
function chartShownAt(): number | undefined {
  const [chart, paint] = ['first-chart', 'first-contentful-paint'].map((name) => performance.getEntriesByName(name)[0]);
  return chart && paint && Math.max(chart.startTime, paint.startTime);
}

interface Timeline {
  shift: number;
  readonly tasks: { readonly startTime: number; readonly duration: number }[];
}

function watchTimeline(): void {
  const timeline: Timeline = { shift: 0, tasks: [] };
  Object.assign(globalThis, { timeline });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
      if (!entry.hadRecentInput) timeline.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => timeline.tasks.push(...list.getEntries())).observe({ type: 'longtask' });
}

function readTimeline(firstChartMs: number) {
  const { shift, tasks } = (globalThis as unknown as { timeline: Timeline }).timeline;
  const early = tasks.filter(({ startTime }) => startTime < firstChartMs);
  return {
    shellMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    layoutShift: shift,
    blockingMs: early.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
  };
}

/** Truthy once the one sentence has its answer: the time of that. */
function isAnswered(): number | false {
  const said = [...document.querySelectorAll('[role=status]')].some(({ textContent }) =>
    /\b1 of 1\b/.test(textContent),
  );
  return said && performance.now();
}
