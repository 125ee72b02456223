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

const edge = (page: Page) => page.getByRole('status', { name: 'Edge' });
const TEXTS = Array.from({ length: 3 }, (_, index) =>
  SENTENCES['SST-2'].map((text) => `${text} Take ${index + 1}.`),
).flat();

/** Of each sentence, what every layer made of it. */
function byText(rows: readonly ExportedResult[]): ReadonlyMap<string, unknown> {
  return new Map(rows.map(({ texts, exits }) => [texts.join(), exits.map(({ layer, logits }) => [layer, logits])]));
}

/** All sentences, none of which leaves before the last layer. */
async function prepare(page: Page): Promise<void> {
  await moveSlider(page, 'Mobile threshold', 1);
  await moveSlider(page, 'Edge threshold', 1);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'SST-2' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(TEXTS.join('\n'));
  await modelIsHere(page);
}

test('of two edges one is killed in a run: nothing is lost, nothing doubled, and the page says so', async ({
  ownPage: page,
  server,
}) => {
  const other = await Server.start('--allow-origin', new URL(server.url).origin);
  try {
    const asked = [server, other].map(({ port }) => `edge=ws://localhost:${port}`).join('&');
    await page.goto(`${server.url}?${asked}`);
    await expect(edge(page)).toHaveText(/2 of 2 edges connected/);
    await prepare(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
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
    expect(new URL(link).searchParams.getAll('edge')).toHaveLength(2);

    await open(page, server);
    await prepare(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await allAnswered(page, TEXTS.length);
    expect(byText(after)).toEqual(byText(await results(page)));
  } finally {
    await other.kill();
  }
});

test('an edge that wants a token is shown it, and nothing else has it', async ({ ownPage: page }) => {
  const token = 'a-token-of-this-browser-test';
  const folder = mkdtempSync(join(tmpdir(), 'dimee-token-'));
  writeFileSync(join(folder, 'token'), token);
  const server = await Server.start('--token-file', join(folder, 'token'));
  try {
    await open(page, server);
    await expect(edge(page)).toHaveText(/The edge wants a token/);
    const field = page.getByLabel(`Token for localhost:${server.port}`);
    const give = page.getByRole('button', { name: 'Use it' });
    await field.fill('another-token-than-that');
    await give.click();
    await expect(page.getByText('did not take that token')).toBeVisible();
    await field.fill(token);
    await give.click();
    await expect(edge(page)).toHaveText(/Edge connected/);
    await expect(field).toHaveCount(0);
    await page.reload();
    await expect(edge(page)).toHaveText(/Edge connected/);
    await copyLink(page);
    await expect(page.getByRole('button', { name: 'Short link' })).toBeVisible();
    const link = await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue();
    const kept = await page.evaluate(() => JSON.stringify([localStorage, document.cookie, location.href]));
    expect([link, kept].join()).not.toContain(token);
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toContain(token);
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true });
  }
});
