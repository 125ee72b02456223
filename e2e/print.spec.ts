import type { Page } from '@playwright/test';
import { expect, open, openCompare, test } from './testing/playground';

/** Pages of paper that the view takes, in A4. */
async function pagesOf(page: Page): Promise<number> {
  const pdf = await page.pdf({ format: 'A4' });
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

/** Words that are buttons on the screen are words on paper, and nothing sticks out. */
async function expectReadable(page: Page): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 700, height: 1000 });
  const terms = page.locator('main .term');
  expect(await terms.filter({ visible: true }).count()).toBe(await terms.count());
  await expect(page.getByRole('button', { name: /^Export/ })).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.emulateMedia({ media: null });
}

test('Play on paper has its words and what is set, and says which rows it left out', async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByText('Row 1 of the SST-2 dev split')).toBeVisible();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect(page.locator('#results tbody[data-index]')).toHaveCount(40);
  await expectReadable(page);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByText('The first 40 of 872 rows')).toBeVisible();
  await expect(page.getByText('Mobile threshold', { exact: true })).toBeVisible();
  await page.emulateMedia({ media: null });
});

test('Compare’s table and Learn are whole on paper', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await expect(page.getByRole('status', { name: 'Comparison' })).toHaveText(/(\d+) of \1 policies/, {
    timeout: 60_000,
  });
  expect(await pagesOf(page)).toBeLessThanOrEqual(3);
  await expectReadable(page);
  await page.goto(`${server.url}#v=2&view=learn`);
  await expect(page.getByRole('heading', { level: 1, name: 'How a network can answer early' })).toBeVisible();
  await expectReadable(page);
  expect(await pagesOf(page)).toBeLessThanOrEqual(10);
});
