import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { DIST, startFolders } from './testing/hosts';
import { expect, moveSlider, results, runSentences, SENTENCES, test as base } from './testing/playground';
import { Server } from './testing/server';

/* What the service worker gives: the page without a network, a word on newer versions, isolation where a host has none. */

/** A browser of its own, in which service workers run. */
const test = base.extend<{ visitor: BrowserContext }>({
  visitor: async ({ browser }, use) => {
    const context = await browser.newContext({ serviceWorkers: 'allow' });
    await use(context);
    await context.close();
  },
});

async function opened(page: Page, url?: string): Promise<void> {
  await (url === undefined ? page.reload() : page.goto(url));
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

async function isKept(page: Page): Promise<void> {
  const status = page.getByRole('status', { name: 'Without a network' });
  await expect(status).toHaveText(/^\s*Works offline/, { timeout: 90_000 });
}

const route = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

test('with the network off after one visit the whole playground works', async ({ visitor }) => {
  const server = await Server.start();
  const page = await visitor.newPage();
  await opened(page, server.url);
  await isKept(page);
  await server.kill();
  await visitor.setOffline(true);

  await opened(page);
  await isKept(page);
  const task = page.getByRole('combobox', { name: 'Task' });
  const tasks = await task.locator('option').allInnerTexts();
  expect(tasks.length).toBeGreaterThan(5);
  for (const label of tasks) {
    await task.selectOption({ label });
    await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/[1-9]\d* samples\./);
  }
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  expect((await results(page)).map(({ tier }) => tier)).toEqual(SENTENCES['SST-2'].map(() => 'mobile'));
  const shared = page.url();

  await route(page, 'Compare');
  await expect(page.getByRole('region', { name: 'Accuracy against compute saved' })).toHaveAttribute(
    'aria-busy',
    'false',
  );

  await route(page, 'Your data');
  const rows = SENTENCES['SST-2'].map((text, row) => `"${text}",${row % 2 ? 'negative' : 'positive'}`);
  const buffer = Buffer.from(['text,label', ...rows].join('\n'));
  await page.getByLabel('Your own data').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('dialog').getByRole('button', { name: /^Run/ }).click();
  await expect(page.getByRole('button', { name: 'Save run' })).toBeVisible({ timeout: 60_000 });

  const other = await visitor.newPage();
  await opened(other, shared);
  await expect(other.getByRole('table', { name: 'Results' })).toContainText('joy', { timeout: 60_000 });
});

test.describe('a host that sends no headers', () => {
  const folders: string[] = [];
  test.afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

  /** A copy of the build, but for the weights, which it shares; a word in its first script makes it another version. */
  function copyOfBuild(word = ''): string {
    const folder = mkdtempSync(join(tmpdir(), 'dimee-build-'));
    folders.push(folder);
    cpSync(DIST, folder, { recursive: true });
    if (word === '') return folder;
    const [page, worker] = ['index.html', 'service-worker.js'].map((name) => join(folder, name));
    const [, script = ''] = /"\.\/(assets\/index-[^"]*\.js)"/.exec(readFileSync(page ?? '', 'utf8')) ?? [];
    const renamed = script.replace('index-', `index-${word}-`);
    writeFileSync(join(folder, renamed), readFileSync(join(folder, script)));
    for (const file of [page ?? '', worker ?? ''])
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(script, renamed));
    return folder;
  }

  test('is made up for from the second visit on: WASM has threads', async ({ visitor }) => {
    const host = await startFolders(new Map([['/', DIST]]));
    const page = await visitor.newPage();
    await opened(page, `${host.url}?edge=none`);
    await isKept(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await opened(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await moveSlider(page, 'Mobile threshold', 1);
    await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 2));
    host.close();
  });

  test('tells of a newer version, and loads it when it is asked to', async ({ visitor }) => {
    const below = new Map([['/', copyOfBuild()]]);
    const host = await startFolders(below);
    const page = await visitor.newPage();
    await opened(page, `${host.url}?edge=none`);
    await isKept(page);
    below.set('/', copyOfBuild('newer'));
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    const reload = page.getByRole('button', { name: 'Reload', exact: true });
    await expect(reload).toBeVisible();
    await page.getByRole('textbox', { name: 'Sentences' }).fill('Written before the newer version came.');
    expect(await page.locator('script[type=module]').getAttribute('src')).not.toContain('newer');
    await reload.click();
    await expect(page.locator('script[type=module]')).toHaveAttribute('src', /newer/);
    await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(
      'Written before the newer version came.',
    );
    await expect(reload).toBeHidden();
    host.close();
  });

  test('keeps two deployments apart that lie below two paths', async ({ visitor }) => {
    const host = await startFolders(
      new Map([
        ['/one/', copyOfBuild('one')],
        ['/two/', copyOfBuild('two')],
      ]),
    );
    const pages: Page[] = [];
    for (const path of ['one', 'two']) {
      const page = await visitor.newPage();
      await opened(page, `${host.url}${path}/?edge=none`);
      await isKept(page);
      pages.push(page);
    }
    host.close();
    await visitor.setOffline(true);
    for (const [index, page] of pages.entries()) {
      await opened(page);
      await isKept(page);
      await expect(page.locator('script[type=module]')).toHaveAttribute('src', new RegExp(['one', 'two'][index] ?? ''));
    }
  });
});

test('short links and what else the server answers are the server’s, also where the page is kept', async ({
  visitor,
}) => {
  const server = await Server.start();
  const page = await visitor.newPage();
  await opened(page, server.url);
  await isKept(page);
  await opened(page);
  const hash = '#v=2&task=cola';
  const kept = await page.evaluate(
    async (asked) =>
      (
        (await (
          await fetch('api/links', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ hash: asked }),
          })
        ).json()) as { id: string }
      ).id,
    hash,
  );
  await page.goto(`${server.url}s/${kept}`);
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('cola');
  const embedded = await page.goto(`${server.url}?embed`);
  expect(embedded?.headers()['content-security-policy']).toContain('frame-ancestors *');
  await server.kill();
});
