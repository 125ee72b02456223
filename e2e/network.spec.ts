import type { Page } from '@playwright/test';
import { copyLink, expect, openCompare, openPill, test } from './testing/playground';

const chooseNetwork = (page: Page, name: string) =>
  page.getByRole('combobox', { name: 'Network', exact: true }).selectOption({ label: name });

const rowOf = (page: Page, name: string) => page.getByRole('table', { name: 'A against B' }).getByRole('row', { name });

/** The time that A's slowest 5 % take at least, in milliseconds. */
async function slowestMs(page: Page): Promise<number> {
  return Number(/(\d+) ms/.exec(await rowOf(page, 'Slowest 5 %').innerText())?.[1]);
}

test('a slower network takes longer, and offline nothing waits for it', async ({ page, server }) => {
  await openCompare(page, server, '&task=sst2&curves=');
  await expect(rowOf(page, 'Median time, 4G')).toBeVisible();
  const on4g = await slowestMs(page);
  await openPill(page, '4G');
  await chooseNetwork(page, '3G');
  await expect(rowOf(page, 'Median time, 3G')).toBeVisible();
  await expect.poll(() => slowestMs(page)).toBeGreaterThan(2 * on4g);
  await expect(page.getByRole('spinbutton', { name: 'Round trip', exact: true })).toHaveValue('300');
  await chooseNetwork(page, 'Offline');
  await expect.poll(() => slowestMs(page)).toBeLessThan(on4g);
  await expect(page.getByRole('spinbutton', { name: 'Round trip', exact: true })).toHaveCount(0);
});

test('a moved number makes the network a custom one, and a link brings it back', async ({ page, server }) => {
  await openCompare(page, server, '&task=sst2&net=3g&curves=');
  await openPill(page, '3G');
  const roundTrip = page.getByRole('spinbutton', { name: 'Round trip', exact: true });
  await roundTrip.fill('5000');
  await roundTrip.blur();
  await expect(page.getByText('Round trip must be from 0 to 1000 ms.')).toBeVisible();
  await expect(roundTrip).toHaveValue('300');
  const on3g = await slowestMs(page);
  await roundTrip.fill('450');
  await roundTrip.blur();
  await expect(rowOf(page, 'Median time, Custom')).toBeVisible();
  await expect.poll(() => slowestMs(page)).toBeGreaterThan(on3g + 100);
  const shown = await slowestMs(page);
  await copyLink(page);
  await expect(page).toHaveURL(/net=custom&rtt=450/);
  await page.reload();
  await expect.poll(() => slowestMs(page)).toBe(shown);
});

test('Compare shows every network at once, and plans split and threshold for one', async ({ page, server }) => {
  await openCompare(page, server, '&task=sst2&net=3g&panel=network');
  const panel = page.getByRole('region', { name: 'Over the network' });
  const table = panel.getByRole('table', { name: 'Networks' });
  const rows = table.getByRole('row').filter({ has: page.getByRole('button') });
  await expect(rows).toHaveCount(5);
  await expect(panel).toContainText('Sending text is far smaller than sending a hidden state');
  await expect(rows.filter({ hasText: 'Offline' })).toContainText('out of reach');

  await panel.getByRole('button', { name: 'Plan for 3G' }).click();
  const plan = panel.getByRole('status', { name: 'Plan' });
  await expect(plan).toContainText(/Layers 1 to \d+ here.*threshold 0\.\d+.*SST-2 dev split, which had no part in it/);
  const [, mobileLayers, threshold] = /Layers 1 to (\d+) here.*threshold (0\.\d+)/.exec(await plan.innerText()) ?? [];
  await openPill(page, 'A');
  const policy = page.getByRole('combobox', { name: 'Policy', exact: true });
  const mobile = page.getByRole('slider', { name: 'Mobile layers' });
  await expect(policy).toHaveValue('spinn');
  await expect(mobile).toHaveValue(String(mobileLayers));
  await expect(page.getByRole('slider', { name: 'Threshold', exact: true })).toHaveValue(String(threshold));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await openPill(page, 'A');
  await expect(policy).toHaveValue('confidence');
  await expect(mobile).toHaveValue('4');
});

test('the machines that so many people need are simulated, and what no machine can do is said', async ({
  page,
  server,
}) => {
  await openCompare(page, server, '&task=mnli&panel=network&curves=');
  const found = page.getByRole('status', { name: 'Machines', exact: true });
  await page.getByText('How many machines').click();
  await page.getByRole('spinbutton', { name: 'People at the same time' }).fill('20000');
  await page.getByRole('checkbox', { name: /machines of their own/ }).check();
  await page.getByRole('button', { name: 'Simulate' }).click();
  await expect(found.getByRole('row', { name: /^20,000 [1-9]\d* [1-9]\d*$/ })).toBeVisible();
  await page.getByRole('spinbutton', { name: /95 % are answered/ }).fill('1');
  await page.getByRole('button', { name: 'Simulate' }).click();
  await expect(page.getByText('Allow more time.')).toBeVisible();
});
