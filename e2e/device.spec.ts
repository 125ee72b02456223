import type { Page } from '@playwright/test';
import { expect, open, openFineSettings, runSentences, test } from './testing/playground';

/** The panel among the settings, once the model is here: what is measured are its files. */
async function openPanel(page: Page) {
  await expect(page.getByRole('status', { name: 'Backend' })).toContainText('WASM', { timeout: 60_000 });
  await runSentences(page, 'SST-2', ['A joy from the first minute to the last.']);
  await openFineSettings(page);
  const panel = page.getByRole('region', { name: 'This device', exact: true });
  await expect(panel.getByRole('button', { name: 'Measure this device' })).toBeVisible();
  return panel;
}

const statusOf = (panel: Awaited<ReturnType<typeof openPanel>>) => panel.getByRole('status', { name: 'This device' });

test('a device is measured, remembered, compared and forgotten', async ({ ownPage: page, server }) => {
  await open(page, server);
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Measure this device' }).click();
  // The weights that the page does not use are not here, and nothing is fetched unasked.
  await expect(statusOf(panel)).toContainText('not in this browser yet');
  await panel.getByRole('button', { name: 'Measure what is here' }).click();
  await expect(statusOf(panel)).toContainText('Measured on', { timeout: 60_000 });
  const table = panel.getByRole('table', { name: 'Time of a layer on this device' });
  const first = table.getByRole('row', { name: /WASM · q8\s+1 thread/ });
  const times = (await first.getByRole('cell').allInnerTexts()).map((text) => Number.parseFloat(text));
  expect(times).toHaveLength(4);
  expect(Math.min(...times)).toBeGreaterThan(0);
  await expect(panel).toContainText('was the fastest');
  await expect(panel).toContainText('WebGPU was not measured');
  // The model of the network takes it only where no sentence has run.
  await page.reload();
  await openFineSettings(page);
  await expect(statusOf(panel)).toContainText('Measured on');
  const kept = await page.evaluate(() => localStorage.getItem('dimee-device') ?? '');
  await panel.getByText('Compare with another device').click();
  await panel.getByRole('textbox', { name: /Copy JSON/ }).fill(kept);
  await expect(first).toContainText('1.00 × as long there');
  await panel.getByRole('textbox', { name: /Copy JSON/ }).fill('{}');
  await expect(panel).toContainText('This is no measurement of a device');
  await panel.getByRole('button', { name: 'Forget' }).click();
  await expect(panel.getByRole('button', { name: 'Measure this device' })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem('dimee-device'))).toBeNull();
});

test('a measurement that is cancelled leaves nothing', async ({ ownPage: page, server }) => {
  await open(page, server);
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Measure this device' }).click();
  await expect(panel.getByRole('button', { name: /^Fetch 4\.2 MB/ })).toBeVisible();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(statusOf(panel)).toContainText('Cancelled');
  await expect(panel.getByRole('table')).toHaveCount(0);
});

test('what was measured decides what runs at the next visit, and what the network is modelled on', async ({
  ownPage: page,
  server,
}) => {
  await open(page, server);
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Measure this device' }).click();
  await panel.getByRole('button', { name: 'Measure what is here' }).click();
  await expect(statusOf(panel)).toContainText('Measured on', { timeout: 60_000 });
  // As if float16 had been by far the fastest here.
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('dimee-device') ?? '') as { rows: object[] };
    kept.rows = [{ ...kept.rows[0], variant: 'fp16', layerMs: [0.3, 1.3, 4.3] }];
    localStorage.setItem('dimee-device', JSON.stringify(kept));
  });
  const next = await page.context().newPage();
  await open(next, server);
  await expect(next.getByRole('status', { name: 'Backend' })).toContainText('fp16', { timeout: 60_000 });
  await openFineSettings(next);
  await expect(next.getByText(/^Measured on this device: /)).toBeVisible();
});
