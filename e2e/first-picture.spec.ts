import type { Page } from '@playwright/test';
import { expect, test } from './testing/playground';

/** A page whose own script never comes. */
async function withoutScript(page: Page, url: string): Promise<void> {
  await page.route('**/assets/*.js', () => undefined);
  await page.goto(url, { waitUntil: 'commit' });
}

const opened = (page: Page) => page.locator('#as-opened');

/** What a figure shows: the texts of its marks, where they stand, and how wide it is. */
function marksOf(figure: Element) {
  const texts = [...figure.querySelectorAll('text.number, text.share')];
  const width = figure.getBoundingClientRect().width;
  const places = texts.map((text) => Math.round(Number(text.getAttribute('x'))));
  return { texts: texts.map(({ textContent }) => textContent), places, width };
}

for (const width of [1440, 390]) {
  test(`at ${width} px the page is drawn before its script has come, as it will be`, async ({
    ownPage: page,
    server,
  }) => {
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.setViewportSize({ width, height: 900 });
    await withoutScript(page, server.url);
    await expect(opened(page)).toContainText('are settled on this device');
    const figure = opened(page).locator('.figure:visible');
    const before = await figure.evaluate(marksOf);
    expect(before.texts.filter((text) => text?.includes('%')).length).toBeGreaterThan(3);
    await expect(page.getByRole('button')).toHaveCount(0);
    expect(refused).toEqual([]);

    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto(server.url);
    const live = page.getByRole('region', { name: 'Where sentences leave' }).locator('.figure');
    await expect(live).toBeVisible();
    await expect(opened(page)).toHaveCount(0);
    await expect(async () => expect(await live.evaluate(marksOf)).toEqual(before)).toPass();
    expect(await page.evaluate(() => performance.getEntriesByName('first-chart').length)).toBe(1);
  });
}

test('whoever comes by a link, into a frame or reads German sees no picture of something else', async ({
  browser,
  server,
}) => {
  for (const [locale, address] of [
    ['en', '#v=2&task=rte'],
    ['en', '?embed'],
    ['de-CH', ''],
  ] as const) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await withoutScript(page, server.url + address);
    await expect(page.locator('.shell')).toBeVisible();
    await expect(opened(page)).toHaveCount(0);
    await context.close();
  }
});

test('a recorded split that does not come keeps nobody from the page', async ({ ownPage: page, server }) => {
  await page.route('**/*.dev.bin*', () => undefined);
  await page.goto(server.url, { waitUntil: 'commit' });
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toBeVisible({ timeout: 10_000 });
});

test('a worker that cannot be fetched is told of, though it was asked for early', async ({ ownPage: page, server }) => {
  await page.route('**/assets/main-*.js', (route) => route.abort());
  await page.goto(server.url, { waitUntil: 'commit' });
  await expect(page.getByRole('alert').first()).toContainText('The worker could not be started.');
});
