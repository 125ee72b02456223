import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { copyLink, expect, moveSlider, open, openFineSettings, runSentences, test } from './testing/playground';

const MINE = 'A sentence of my own.\nAnd another one.';
const clipboard = () => navigator.clipboard.readText();

test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

test('Copy link puts the whole view into clipboard and address', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await copyLink(page);
  await expect(page.getByRole('status', { name: 'Link' })).toContainText('Link copied');
  expect(await page.evaluate(clipboard)).toBe(page.url());
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Share', exact: true })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
});

test('a link with results shows them without any file of the model, as the sender’s', async ({
  page,
  server,
  browser,
}) => {
  await open(page, server);
  await runSentences(page, 'SST-2', [...MINE.split('\n'), 'A third one, dull and slow.']);
  const table = page.getByRole('table', { name: 'Results' });
  const answers = await table.locator('.prediction').allTextContents();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('checkbox', { name: 'With results' }).check();
  await expect(page.getByText(/of 3 of 3 lines.* characters with them/s)).toBeVisible();
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = page.getByRole('textbox', { name: 'Link' });
  await expect(link).toHaveValue(/&results=/);
  const address = await link.inputValue();

  const context = await browser.newContext();
  const other = await context.newPage();
  const blocked: string[] = [];
  await other.route(/\.(onnx|wasm|mjs)(\?|$)|tokenizer|codecs/, (route) => {
    blocked.push(route.request().url());
    return route.abort();
  });
  await other.goto(address);
  await expect(other.getByRole('note')).toContainText('The sender’s results.');
  await expect(other.getByRole('status', { name: 'Run' })).toHaveText(/3 of 3 sentences · sent with the link/);
  const sent = other.getByRole('table', { name: 'Results' });
  expect(await sent.locator('.prediction').allTextContents()).toEqual(answers);
  expect(blocked.length).toBeGreaterThan(0);
  await moveSlider(other, 'Mobile threshold', 0.51);
  await expect(sent.getByText('needs a run here: it was sent for other settings')).toHaveCount(3);
  await context.close();
});

test('the keyboard alone reaches all of the menu, and leaves it', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('button', { name: 'Share', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: 'Short link' })).toBeVisible();
  for (const name of ['Copy link', 'Short link', 'Embed code', 'Picture']) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name })).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Share', exact: true })).toHaveAttribute('aria-expanded', 'false');
});

for (const width of [320, 390, 1024, 1440]) {
  test(`at ${width} pixels the menu stands whole within the page`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, server);
    await copyLink(page);
    const menu = page.getByRole('group', { name: 'Pass this view on' });
    await expect(menu.getByRole('textbox', { name: 'Link' })).toBeVisible();
    const { x = -1, width: menuWidth = 0 } = (await menu.boundingBox()) ?? {};
    expect([x >= 0, x + menuWidth <= width]).toEqual([true, true]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

test('a short link opens the view in a fresh profile, and one that is not there says so', async ({
  page,
  server,
  browser,
}) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'CoLA' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('button', { name: 'Short link' }).click();
  await expect(page.getByRole('status', { name: 'Link' })).toContainText('Short link copied');
  const short = await page.evaluate(clipboard);
  expect(short).toMatch(new RegExp(`^${server.url}s/[\\w-]{12}$`));

  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(short);
  await expect(other.getByRole('combobox', { name: 'Task' })).toHaveValue('cola');
  await expect(other.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
  await expect(other.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
  expect(new URL(other.url()).pathname).toBe('/');
  const lost = await other.goto(`${server.url}s/AAAAAAAAAAAA`);
  expect(lost?.status()).toBe(404);
  await expect(other.getByText('This server has no link of this name.')).toBeVisible();
  await context.close();
});

test('the embed code shows the view in a page of another origin, and nothing else of ours can be framed', async ({
  page,
  server,
  browser,
}) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('button', { name: 'Embed code' }).click();
  const code = await page.getByRole('textbox', { name: 'Embed code' }).inputValue();

  const unframed = code.replace('?embed', '').replace('title="', 'title="Unframed ');
  const elsewhere = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>A blog</title>${code}${unframed}`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  const blog = await context.newPage();
  await blog.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  const frame = blog.frameLocator('iframe[title^="SST-2"]');
  await expect(frame.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
  await expect(frame.getByRole('img', { name: 'Exit distribution' })).toHaveText(/872 samples\./);
  await expect(frame.getByRole('button', { name: 'Share', exact: true })).toHaveCount(0);
  const whole = frame.getByRole('link', { name: 'Open in DIMEE Playground' });
  await expect(whole).toHaveAttribute('href', new RegExp(`^${server.url}#v=3&.*mobileThreshold=0\\.62`));
  await frame.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await frame.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(frame.getByRole('status', { name: 'Run' })).toHaveText(/^\s*2 of 2 sentences/, { timeout: 60_000 });
  const refused = blog.frameLocator('iframe[title^="Unframed"]');
  await expect(refused.getByRole('button', { name: 'Run', exact: true })).toHaveCount(0);
  await context.close();
  elsewhere.close();
});

test('a link from a newer version says so, and is not called damaged', async ({ page, server }) => {
  await open(page, server, '#v=99&task=cola&m=3&mood=blue');
  await expect(page.getByRole('alert')).toContainText('made with a newer version of this page');
  await expect(page.getByRole('alert')).not.toContainText('damaged');
  await openFineSettings(page);
  await expect(page.getByRole('slider', { name: 'Mobile layers' })).toHaveValue('3');
});

test('a page that links here finds title, description and picture', async ({ page, server, request }) => {
  await open(page, server);
  const image = await page.locator('meta[property="og:image"]').getAttribute('content');
  const picture = await request.get(new URL(image ?? '', page.url()).href);
  expect([picture.status(), picture.headers()['content-type']]).toEqual([200, 'image/png']);
  await expect(page.locator('meta[property="og:title"]')).toHaveAttribute('content', 'DIMEE Playground');
});
