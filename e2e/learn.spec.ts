import type { Page } from '@playwright/test';
import { allAnswered, expect, open, results, test } from './testing/playground';

const LEARN = '#v=3&task=sst2&view=learn';

async function openLearn(page: Page, url: string): Promise<void> {
  await page.goto(url + LEARN);
  await expect(page.getByRole('heading', { level: 1, name: 'How a network can answer early' })).toBeVisible();
}

test('Learn has its chapters, with figures of the recorded rows', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('link', { name: 'Learn', exact: true }).click();
  await expect(page).toHaveTitle(/^Learn/);
  await expect(page.getByText(/answers to the 872 labelled sentences of SST-2/)).toBeVisible();
  await expect(page.getByRole('img', { name: /^Right answers by layer\. 1: 84\.7 %/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /^Confidence, calibrated 75\.0 % 91\.1 % 0\.46/ })).toBeVisible();
});

test('the cost chapter says when it does not pay', async ({ page, server }) => {
  await openLearn(page, server.url);
  const weight = page.getByRole('slider', { name: 'A layer on this device, in cloud layers' });
  await expect(page.getByText('At a weight of 1.0: 75.0 % of the compute saved.')).toBeVisible();
  await weight.fill('8');
  await expect(page.getByText(/At a weight of 8\.0: \d+\.\d % more compute than all cloud\./)).toBeVisible();
});

test('a chapter is reached without the address, and takes the keyboard to its heading', async ({ page, server }) => {
  await openLearn(page, server.url);
  await page.getByRole('navigation', { name: 'Chapters' }).getByRole('button', { name: 'Glossary' }).click();
  const heading = page.getByRole('heading', { level: 2, name: 'Glossary' });
  await expect(heading).toBeFocused();
  await expect(heading).toBeInViewport();
  await expect(page).toHaveURL(/#v=3&task=sst2&view=learn/);
});

test('a term opens and closes by keyboard, and is whole on a narrow screen', async ({ page, server }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openLearn(page, server.url);
  for (const name of ['early exit', 'threshold', 'hidden state', 'interval']) {
    const term = page.getByRole('article').getByRole('button', { name, exact: true }).first();
    await term.focus();
    await page.keyboard.press('Enter');
    const card = page.getByRole('dialog', { name });
    await expect(card).toBeFocused();
    const box = await card.boundingBox();
    expect(box?.x, name).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0), name).toBeLessThanOrEqual(320);
    await page.keyboard.press('Escape');
    await expect(card).toHaveCount(0);
    await expect(term).toBeFocused();
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test('Tab leads from a term through its source and on', async ({ page, server }) => {
  await openLearn(page, server.url);
  const term = page.getByRole('article').getByRole('button', { name: 'confidence', exact: true }).first();
  await term.click();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('dialog').getByRole('link', { name: /MSDNet/ })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('article').getByRole('button', { name: 'threshold', exact: true }).first()).toBeFocused();
});

test('a lesson sets the page, and Back leads to Learn again', async ({ page, server }) => {
  await openLearn(page, server.url);
  await page.getByRole('link', { name: 'Open the lesson: When it does not pay' }).click();
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('sst2');
  await expect(page).toHaveURL(/lm=8/);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'How a network can answer early' })).toBeVisible();
  await page.getByRole('link', { name: 'Open the lesson: Is 0.9 really nine in ten?' }).click();
  await expect(page).toHaveURL(/view=compare.*panel=confidence|panel=confidence.*view=compare/);
});

test('the first lesson is as it says: praise is settled first, disguised irony otherwise than by all layers', async ({
  page,
  server,
}) => {
  await openLearn(page, server.url);
  await page.getByRole('link', { name: 'Open the lesson: Three sentences climb' }).click();
  await allAnswered(page, 3);
  const [praise, irony, disguised] = await results(page);
  expect(praise?.exitLayer).toBeLessThan(irony?.exitLayer ?? 0);
  expect(praise?.exitLayer).toBeLessThan(disguised?.exitLayer ?? 0);
  expect(disguised?.prediction).toBe('positive');
});

test('the tour is offered once, leads from step to step, and ends by Escape', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('button', { name: 'Show me around' }).click();
  const card = page.getByRole('dialog', { name: 'A look around' });
  await expect(card).toBeFocused();
  const [, steps] = /1 of (\d)/.exec(await card.innerText()) ?? [];
  expect(Number(steps)).toBeGreaterThanOrEqual(3);
  await card.getByRole('button', { name: 'Next' }).click();
  await expect(card).toContainText(`2 of ${steps}`);
  await expect(card).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await expect(card).toHaveCount(0);
  await page.goto('about:blank');
  await open(page, server);
  await expect(page.getByRole('button', { name: 'Show me around' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Learn', exact: true }).click();
  await page.getByRole('button', { name: 'Show me around' }).click();
  await expect(card).toContainText(`1 of ${steps}`);
  await card.getByRole('button', { name: 'Skip' }).click();
  await expect(card).toHaveCount(0);
});

test('the tour is not offered to who came by a link, nor in a frame', async ({ page, server }) => {
  await open(page, server, '#v=2&task=rte');
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('rte');
  await expect(page.getByRole('button', { name: 'Show me around' })).toHaveCount(0);
  await page.goto(`${server.url}/?embed`);
  await expect(page.getByRole('link', { name: /Open in DIMEE Playground/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show me around' })).toHaveCount(0);
});

test('a German browser reads German, numbers too, and may choose English', async ({ browser, server }) => {
  const context = await browser.newContext({ locale: 'de-DE' });
  const page = await context.newPage();
  await page.goto(server.url + LEARN);
  await expect(page.getByRole('heading', { level: 1, name: 'Wie ein Netz früh antworten kann' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByText(/91,1 % der Antworten sind richtig/)).toBeVisible();
  await page.getByRole('button', { name: 'Sprache: DE' }).click();
  await page.getByRole('radio', { name: 'English' }).check({ force: true });
  await expect(page.getByRole('heading', { level: 1, name: 'How a network can answer early' })).toBeVisible();
  await expect(page.getByText(/91\.1 % of the answers are right/)).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await context.close();
});
