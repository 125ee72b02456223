import { expect, test } from './testing/playground';
import { firefox, until } from './testing/other-browsers';

const LOADS = 20;
/** A load takes about two seconds. */
const MOST_MS = 45_000;
const BACKEND = `document.querySelector('[aria-label="Backend"]')`;

const start = firefox();

test(`Firefox loads the model ${LOADS} times with three threads`, async ({ server }) => {
  test.skip(start === undefined, 'Firefox is not installed here.');
  test.setTimeout(LOADS * MOST_MS);
  const browser = await start?.();
  if (!browser) return;
  try {
    for (let load = 1; load <= LOADS; load++) {
      await browser.open('about:blank');
      await browser.open(`${server.url}?threads=3#v=1&task=sst2&backend=wasm`);
      await until(browser, `document.querySelector('header .summary .dot.ready')`, `load ${load} is ready`, MOST_MS);
      // Firefox itself hangs as it makes a thread's worker, about once in twenty loads: then the page takes one, and says so.
      const threads = await browser.evaluate<string>(`${BACKEND}.innerText`);
      const notice = await browser.evaluate<string>(`document.querySelector('[role="alert"]')?.innerText ?? ''`);
      if (!threads.includes('WASM · 3 threads')) expect(notice).toMatch(/one thread/i);
    }
  } finally {
    await browser.close();
  }
});
