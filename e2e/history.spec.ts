import type { Page } from '@playwright/test';
import { filmRemarks } from './testing/film-remarks';
import {
  allAnswered,
  expect,
  layerRuns,
  moveSlider,
  open,
  openRoute,
  results,
  runSentences,
  saved,
  test,
} from './testing/playground';
import type { Server } from './testing/server';

const MINE = 'A sentence of my own.\nAnd another one.';
const ownRows = (page: Page) => page.getByRole('status', { name: 'Own rows' });
const route = (page: Page, name: string) => page.getByRole('link', { name, exact: true, includeHidden: false });

/** Starts a run of a file, long enough to be cut. */
async function runFile(page: Page, server: Server, rows: number): Promise<void> {
  await open(page, server);
  const files = { name: 'remarks.txt', mimeType: 'text/plain', buffer: Buffer.from(filmRemarks(rows).join('\n')) };
  await page.locator('input[type=file]').first().setInputFiles(files);
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Run [\d,]+ rows$/ })
    .click();
  await expect(ownRows(page)).toBeVisible();
}

test('a reload brings back what was written, set and shown', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'CoLA' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await openRoute(page, 'Compare');
  // At once: what has only just been typed is kept, too.
  await page.reload();
  await expect(route(page, 'Compare')).toHaveAttribute('aria-current', 'page');
  await openRoute(page, 'Play');
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('cola');
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
});

test('a reload after a run shows its results again and computes nothing', async ({ page, server }) => {
  await open(page, server);
  await runSentences(page, 'SST-2', MINE.split('\n'));
  const [before, runs] = [await results(page), await layerRuns(page)];
  // Results are kept once they have rested.
  await page.waitForTimeout(1500);
  await page.route(/\.onnx/, (asked) => asked.abort());
  const { layersRun } = await server.done();
  await page.reload();
  await allAnswered(page, 2);
  expect(await results(page)).toEqual(before);
  expect(await layerRuns(page)).toBe(runs);
  expect((await server.done()).layersRun).toEqual(layersRun);
});

test('Back leads from Compare to Play, and what was set there stays', async ({ page, server }) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 0.71);
  await openRoute(page, 'Compare');
  await expect(route(page, 'Compare')).toHaveAttribute('aria-current', 'page');
  await page.goBack();
  await expect(page.getByRole('region', { name: 'Where sentences leave' })).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.71');
  await page.goForward();
  await expect(route(page, 'Compare')).toHaveAttribute('aria-current', 'page');
});

test('a link opened over own sentences says so, and Back brings them again', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await page.evaluate(() => (location.hash = '#v=1&task=rte&mobileThreshold=0.8'));
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('rte');
  await expect(page.getByRole('alert')).toContainText('Back brings yours again');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('sst2');
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
});

test('examples give back the sentences that they took the place of', async ({ page, server }) => {
  await open(page, server);
  const field = page.getByRole('textbox', { name: 'Sentences' });
  await field.fill(MINE);
  await page.getByRole('button', { name: 'Examples' }).click();
  await expect(field).not.toHaveValue(MINE);
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await expect(field).toHaveValue(MINE);
});

test('F5 in the middle of a file’s run asks, and the run goes on from where it was cut', async ({ page, server }) => {
  const rows = 3000;
  await runFile(page, server, rows);
  await expect(ownRows(page)).toHaveText(/(\d{3,}|\d,\d+) of 3,000 rows so far/, { timeout: 90_000 });
  const asked = new Promise<string>((resolve) => {
    page.once('dialog', (dialog) => {
      resolve(dialog.type());
      void dialog.accept();
    });
  });
  await page.reload();
  expect(await asked).toBe('beforeunload');
  await expect(page.getByRole('heading', { name: 'Paused: remarks.txt' })).toBeVisible();
  await expect(page.getByText('The page was loaded anew in the middle of this run.')).toBeVisible();
  const done = Number(/^\s*([\d,]+) of/.exec(await ownRows(page).innerText())?.[1]?.replace(',', ''));
  expect(done).toBeGreaterThanOrEqual(64);
  expect(done).toBeLessThan(rows);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(async () => parseInt((await ownRows(page).innerText()).replace(',', ''))).toBeGreaterThan(done);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(ownRows(page)).toHaveText(/of 3,000 rows · SST-2 · every exit known/);
});

test('rows of a file are here again after a reload, until they are closed', async ({ page, server }) => {
  await runFile(page, server, 30);
  await expect(ownRows(page)).toHaveText(/^\s*30 rows/, { timeout: 90_000 });
  const before = await saved(page, 'Save results');
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(ownRows(page)).toHaveText(/^\s*30 rows · SST-2 · every exit known/);
  expect((await saved(page, 'Save results')).bytes.equals(before.bytes)).toBe(true);
  await expect(page.getByRole('table', { name: 'Results' })).toHaveAttribute('aria-rowcount', '31');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.reload();
  await expect(page.getByText('Drop a table here')).toBeVisible();
});
