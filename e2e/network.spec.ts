import type { Page } from '@playwright/test';
import { copyLink, expect, open, openCompare, openPill, test } from './testing/playground';

/** The sentence below the stats. */
const modelled = (page: Page) => page.getByText(/^Modelled /);

async function chooseNetwork(page: Page, name: string): Promise<void> {
  const group = page.locator('details', { has: page.locator('summary', { hasText: /^Network/ }) });
  if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
  await group.getByRole('combobox', { name: 'Network' }).selectOption({ label: name });
}

/** Its p95 in milliseconds. */
async function p95Of(page: Page): Promise<number> {
  return Number(/p95\s*(\d+)/.exec(await modelled(page).innerText())?.[1]);
}

test('a slower network takes longer, and offline the cloud is out of reach', async ({ page, server }) => {
  await open(page, server);
  await expect(modelled(page)).toContainText('Modelled on 4G');
  const on4g = await p95Of(page);
  await chooseNetwork(page, '3G');
  await expect(modelled(page)).toContainText('Modelled on 3G');
  expect(await p95Of(page)).toBeGreaterThan(on4g);
  await expect(page.getByRole('spinbutton', { name: 'Round trip', exact: true })).toHaveValue('300');
  await chooseNetwork(page, 'Offline');
  await expect(modelled(page)).toContainText(/Modelled offline.*all cloud out of reach/);
  await expect(page.getByRole('spinbutton', { name: 'Round trip', exact: true })).toHaveCount(0);
});

test('a moved number makes the network a custom one, and a link brings it back', async ({ page, server }) => {
  await open(page, server, '#v=2&task=sst2&net=3g');
  await chooseNetwork(page, '3G');
  const roundTrip = page.getByRole('spinbutton', { name: 'Round trip', exact: true });
  await roundTrip.fill('5000');
  await roundTrip.blur();
  await expect(page.getByText('Round trip must be from 0 to 1000 ms.')).toBeVisible();
  await expect(roundTrip).toHaveValue('300');
  await roundTrip.fill('450');
  await roundTrip.blur();
  await expect(modelled(page)).toContainText('Modelled on your network');
  const shown = await modelled(page).innerText();
  await copyLink(page);
  await expect(page).toHaveURL(/net=custom&rtt=450/);
  await page.reload();
  await expect(modelled(page)).toHaveText(shown, { useInnerText: true });
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
