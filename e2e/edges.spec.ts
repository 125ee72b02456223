import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  allAnswered,
  copyLink,
  expect,
  type ExportedResult,
  modelIsHere,
  moveSlider,
  open,
  results,
  SENTENCES,
  test,
} from './testing/playground';
import { Server } from './testing/server';

const TOKEN = 'a-token-of-this-browser-test';
const TEXTS = ['one', 'two', 'three'].flatMap((take) => SENTENCES['SST-2'].map((text) => `${text} Take ${take}.`));
const edge = (page: Page) => page.getByRole('status', { name: 'Edge' });

/** Of each sentence, what every layer made of it. */
function byText(rows: readonly ExportedResult[]): ReadonlyMap<string, unknown> {
  return new Map(rows.map(({ texts, exits }) => [texts.join(), exits.map(({ layer, logits }) => [layer, logits])]));
}

/** Runs all sentences, none of which leaves before the last layer. */
async function runAll(page: Page): Promise<void> {
  await moveSlider(page, 'Mobile threshold', 1);
  await moveSlider(page, 'Edge threshold', 1);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'SST-2' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(TEXTS.join('\n'));
  await modelIsHere(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

test('of two edges one wants a token, which nothing else has, and is killed in a run: nothing is lost or doubled', async ({
  ownPage: page,
  server,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'dimee-token-'));
  writeFileSync(join(folder, 'token'), TOKEN);
  const origin = new URL(server.url).origin;
  const other = await Server.start('--allow-origin', origin, '--token-file', join(folder, 'token'));
  try {
    await open(page, server);
    await page.locator('header .summary').click();
    await page.getByText('Other edges').click();
    const asked = [server, other].map(({ port }) => `ws://localhost:${port}`);
    await page.getByRole('textbox', { name: 'Addresses of edges, one a line' }).fill(asked.join('\n'));
    await page.getByRole('button', { name: 'Open the page with these' }).click();
    await expect(edge(page)).toHaveText(/1 of 2 edges connected/);

    const field = page.getByLabel(`Token for localhost:${other.port}`);
    const give = page.getByRole('button', { name: 'Use it' });
    await field.fill('another-token-than-that');
    await give.click();
    await expect(page.getByText('did not take that token')).toBeVisible();
    await field.fill(TOKEN);
    await give.click();
    await expect(edge(page)).toHaveText(/2 of 2 edges connected/);
    await page.reload();
    await expect(edge(page)).toHaveText(/2 of 2 edges connected/);

    await runAll(page);
    const run = page.getByRole('status', { name: 'Run' });
    await expect(run).toHaveText(new RegExp(`[1-9]\\d* of ${TEXTS.length} sentences`));
    await other.kill();
    await allAnswered(page, TEXTS.length);
    await expect(edge(page)).toHaveText(/1 of 2 edges connected/);
    const after = await results(page);
    expect(after.map(({ texts }) => texts.join())).toEqual(TEXTS);
    expect(after.every(({ tier, ranLocally }) => tier === 'cloud' && ranLocally === null)).toBe(true);

    await copyLink(page);
    const link = await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue();
    expect(new URL(link).searchParams.getAll('edge')).toEqual(asked);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, document.cookie, location.href]));
    expect([link, kept, JSON.stringify(after)].join()).not.toContain(TOKEN);
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toContain(TOKEN);

    // As by one edge.
    await open(page, server);
    await runAll(page);
    await allAnswered(page, TEXTS.length);
    expect(byText(after)).toEqual(byText(await results(page)));
  } finally {
    await other.kill();
    rmSync(folder, { recursive: true });
  }
});
