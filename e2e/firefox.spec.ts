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
      await until(browser, `${BACKEND}?.querySelector('.ready')`, `load ${load} is ready`, MOST_MS);
      expect(await browser.evaluate(`${BACKEND}.innerText`)).toContain('WASM · 3 threads');
    }
  } finally {
    await browser.close();
  }
});
