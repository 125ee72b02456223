import type { Page, Worker } from '@playwright/test';
import { filmRemarks } from './testing/film-remarks';
import {
  allAnswered,
  expect,
  moveSlider,
  open,
  openRoute,
  results,
  runSentences,
  SENTENCES,
  test,
} from './testing/playground';
import type { Server } from './testing/server';

/* What ends in the middle of a run, or never begins: no row is lost, none is doubled, and the page says what it did. */

const ROWS = 200;
const remarks = filmRemarks(ROWS);
const run = (page: Page) => page.getByRole('status', { name: 'Run' });
const ownRows = (page: Page) => page.getByRole('status', { name: 'Own rows' });
const notices = (page: Page) => page.locator('.notices');

async function tierWorker(page: Page): Promise<Worker> {
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  const worker = page.workers().find((worker) => /\/main-/.test(worker.url()));
  if (!worker) throw new Error('The page has no worker.');
  return worker;
}

/** Starts a run and returns once it has answers. */
async function underWay(page: Page, server: Server, hash = ''): Promise<void> {
  await open(page, server, hash);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(remarks.join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(run(page)).toHaveText(/^\s*[1-9]\d* of 200/, { timeout: 60_000 });
}

async function eachAnsweredOnce(page: Page, sentences = remarks): Promise<void> {
  await allAnswered(page, sentences.length, 100_000);
  const rows = await results(page);
  expect(rows.map(({ texts }) => texts[0])).toEqual(sentences);
  expect(rows.filter(({ prediction }) => prediction === null)).toEqual([]);
}

async function runFile(page: Page, server: Server): Promise<void> {
  await open(page, server);
  const files = { name: 'remarks.txt', mimeType: 'text/plain', buffer: Buffer.from(remarks.join('\n')) };
  await page.locator('input[type=file]').setInputFiles(files);
  await page.getByRole('button', { name: 'Run 200 rows' }).click();
  await expect(ownRows(page)).toHaveText(/[1-9]\d* of 200 rows/, { timeout: 60_000 });
}

/** A run that needs the edge, which has just gone. */
async function runWithoutEdge(page: Page, server: Server): Promise<void> {
  await open(page, server);
  await expect(page.getByRole('status', { name: 'Backend' }).locator('.ready')).toBeVisible({ timeout: 60_000 });
  await moveSlider(page, 'Mobile threshold', 1);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(remarks.join('\n'));
  await server.kill();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(run(page)).toContainText('waiting for the edge or deeper layers', { timeout: 8000 });
}

test('an edge that is down in the first 8 s of a run is waited for', async ({ ownPage: page, ownServer: server }) => {
  await runWithoutEdge(page, server);
  await page.waitForTimeout(5000);
  await server.start();
  await eachAnsweredOnce(page);
});

test('a run that waits for the edge can be stopped', async ({ ownPage: page, ownServer: server }) => {
  await runWithoutEdge(page, server);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(run(page)).toContainText('stopped', { timeout: 5000 });
});

test('a worker that closes itself is made anew', async ({ ownPage: page, server }) => {
  await underWay(page, server);
  await (await tierWorker(page)).evaluate(() => self.close()).catch(() => undefined);
  await eachAnsweredOnce(page);
  await expect(notices(page)).toContainText('The worker does not answer any more. It was made anew');
});

test('a file’s run outlives its worker', async ({ ownPage: page, server }) => {
  await runFile(page, server);
  await (await tierWorker(page)).evaluate(() => self.close()).catch(() => undefined);
  await expect(ownRows(page)).toHaveText(/^\s*200 rows · SST-2 · every exit known/, { timeout: 100_000 });
});

/** From now on what the runtime writes into its memory fails, as after an abort; what others write does not. */
const breakRuntime = () => {
  const { set } = Uint8Array.prototype;
  Uint8Array.prototype.set = function (...written: Parameters<typeof set>) {
    if (/\/ort/.test(new Error().stack ?? '')) throw new WebAssembly.RuntimeError('memory access out of bounds');
    set.apply(this, written);
  };
};

test('a runtime that throws is made anew', async ({ ownPage: page, server }) => {
  await underWay(page, server);
  await (await tierWorker(page)).evaluate(breakRuntime);
  await eachAnsweredOnce(page);
  await expect(notices(page)).toContainText('The ONNX runtime stopped: memory access out of bounds. It was made anew');
});

test('a GPU whose process is killed is made anew, or WASM taken', async ({ ownPage: page, server, browser }) => {
  await open(page, server, '#v=1&task=sst2&backend=webgpu&m=1&n=2');
  // A software GPU takes about a second a row.
  await page.getByRole('textbox', { name: 'Sentences' }).fill(remarks.slice(0, 20).join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(run(page)).toHaveText(/^\s*[1-9]\d* of 20/, { timeout: 60_000 });
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const gpu = processInfo.find(({ type }) => type.toLowerCase() === 'gpu');
  expect(gpu).toBeDefined();
  process.kill(gpu?.id ?? 0, 'SIGKILL');
  await eachAnsweredOnce(page, remarks.slice(0, 20));
  await expect(notices(page)).toContainText(/It was made anew|The layers run on WASM now/);
});

/** Serves the worker's script otherwise: with a line in front, or without some words of its policy. */
async function withOtherWorker(page: Page, line: string, forbidden = ''): Promise<void> {
  // The browser does not know where a script comes from that a test serves, so it asks before that one may call the edge.
  await page.context().grantPermissions(['local-network-access']);
  await page.route(/\/assets\/main-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const policy = response.headers()['content-security-policy'] ?? '';
    const headers = { ...response.headers(), 'content-security-policy': policy.replace(forbidden, '') };
    await route.fulfill({ response, headers, body: `${line}\n${await response.text()}` });
  });
}

for (const [what, line, forbidden, reason] of [
  ['WebAssembly', 'delete self.WebAssembly;', '', 'This browser has no WebAssembly'],
  ['a policy that allows WebAssembly', '', "'wasm-unsafe-eval'", 'The ONNX runtime could not start'],
] as const) {
  test(`without ${what} the edge takes the texts, and the page says so`, async ({ ownPage: page, server }) => {
    await withOtherWorker(page, line, forbidden);
    await open(page, server);
    await runSentences(page, 'SST-2', SENTENCES['SST-2']);
    const rows = await results(page);
    expect(new Set(rows.map(({ tier }) => tier))).not.toContain('mobile');
    expect(rows.every(({ ranAtEdge }) => ranAtEdge?.includes(reason))).toBe(true);
    await expect(notices(page)).toContainText('The edge takes the texts meanwhile.');
  });
}

test('a truncated runtime leaves the texts to the edge, until it is whole again', async ({ ownPage: page, server }) => {
  let isWhole = false;
  await page.route(/\/assets\/ort-wasm[^/]*\.wasm$/, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: isWhole ? body : body.subarray(0, body.length / 2) });
  });
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  expect((await results(page)).every(({ ranAtEdge }) => ranAtEdge !== null)).toBe(true);
  isWhole = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('status', { name: 'Backend' }).locator('.ready')).toBeVisible({ timeout: 60_000 });
  await expect(notices(page)).toHaveCount(0);
});

test('a file that stalls is fetched again', async ({ ownPage: page, server }) => {
  let asked = 0;
  await page.route(/layer-02\.onnx/, (route) => (++asked === 1 ? undefined : route.continue()));
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  expect(asked).toBe(2);
});

test('a page that the browser translates in a run goes on living', async ({ ownPage: page, server }) => {
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  await open(page, server);
  // As Chrome's translator does: every text, as it comes, goes into <font><font>.
  await page.evaluate(() => {
    const translate = () => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: Text[] = [];
      while (texts.nextNode()) found.push(texts.currentNode as Text);
      for (const text of found) {
        const { parentElement } = text;
        if (!text.data.trim() || !parentElement || parentElement.closest('font, svg, textarea, select, script'))
          continue;
        const outer = document.createElementNS('http://www.w3.org/1999/xhtml', 'font');
        const inner = outer.cloneNode();
        inner.textContent = text.data;
        outer.append(inner);
        text.replaceWith(outer);
      }
    };
    translate();
    new MutationObserver(translate).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(remarks.slice(0, 40).join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await allAnswered(page, 40);
  await moveSlider(page, 'Mobile threshold', 1);
  await expect.poll(async () => (await results(page)).every(({ exitLayer }) => (exitLayer ?? 0) > 4)).toBe(true);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(remarks.slice(0, 3).join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await allAnswered(page, 3);
  await openRoute(page, 'Compare');
  await expect(page.getByRole('main')).toContainText(/Accuracy/, { timeout: 60_000 });
  expect(faults).toEqual([]);
});
