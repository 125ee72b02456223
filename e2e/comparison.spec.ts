import type { Locator, Page } from '@playwright/test';
import { printed } from './testing/command-line';
import { expect, exported, moveSlider, open, openCompare, openPill, test } from './testing/playground';

async function openTable(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: 'Comparison' })).toHaveText(/^\s*(\d+) of \1 policies\s*$/, {
    timeout: 90_000,
  });
}

function table(page: Page): Locator {
  return page.getByRole('table', { name: 'Policies', exact: true });
}

/** The names of policies, from the first line of the table to the last. */
function policies(page: Page): Promise<string[]> {
  return table(page).getByRole('rowheader').allInnerTexts();
}

test('compares all policies, to the digit as the command line does', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openTable(page);
  const { name, bytes } = await exported(page, 'Policies side by side', 'CSV');
  expect(name).toBe('dimee-policies-rte.csv');
  const flags = ['--task', 'rte', '--format', 'csv'];
  expect(bytes.toString()).toBe(await printed('compare', ...flags));
});

test('shows the first eight at first, then all, baselines and the oracle apart, the oracle for nobody to use', async ({
  page,
  server,
}) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openTable(page);
  const groups = table(page).getByRole('rowgroup');
  await expect(groups.nth(1).getByRole('rowheader')).toHaveCount(8);
  await expect(groups.nth(2).getByRole('rowheader').first()).toHaveText('All mobile');
  await expect(groups.nth(3).getByRole('rowheader')).toHaveText('Oracle');
  await expect(
    table(page)
      .getByRole('row', { name: /^Oracle/ })
      .getByRole('button'),
  ).toHaveCount(0);
  await page.getByRole('radio', { name: 'All 35 policies' }).check({ force: true });
  await expect(table(page).getByRole('rowheader')).toHaveCount(35);
});

test('names no method the best: what a paired test does not tell from the first, A against B calls chance, too', async ({
  page,
  server,
}) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openTable(page);
  const methods = table(page).getByRole('rowgroup').nth(1);
  await expect(methods.getByRole('rowheader').first()).toBeVisible();
  await expect(table(page)).toContainText('Methods, by compute saved');
  await expect(methods.getByRole('rowheader').first()).not.toContainText('no different');
  const alike = methods
    .getByRole('row')
    .filter({ hasText: /(Accuracy:|No) (no )?different from the first/i })
    .first();
  await methods.getByRole('button', { name: /as A$/ }).first().click();
  await alike.getByRole('button', { name: /as B$/ }).click();
  await page.getByRole('link', { name: 'Trade-off' }).click();
  const accuracy = page.getByRole('table', { name: 'A against B' }).getByRole('row', { name: 'Accuracy' });
  await expect(accuracy).toContainText('chance?');
});

test('sorts by each column, and one press later the other way round', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openTable(page);
  const atFirst = await policies(page);
  const columns = [
    ...['Policy', 'Accuracy', 'Lost, points', 'Compute saved', 'Over a static cut', 'Layers saved'],
    ...['Answered by', 'Parameters'],
  ];
  for (const name of columns) {
    const heading = table(page).getByRole('columnheader', { name });
    await heading.getByRole('button').press('Enter');
    const first = await heading.getAttribute('aria-sort');
    const sorted = await policies(page);
    expect(new Set(sorted)).toEqual(new Set(atFirst));
    await heading.getByRole('button').press('Enter');
    expect(new Set([first, await heading.getAttribute('aria-sort')])).toEqual(new Set(['ascending', 'descending']));
    expect(await policies(page)).not.toEqual(sorted);
  }
});

test('makes a line’s policy and parameters A or B', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openTable(page);
  await page.getByRole('radio', { name: 'All 35 policies' }).check({ force: true });
  const line = table(page).getByRole('row', { name: /^Patience\b/ });
  const chosen = /patience (\d+)/.exec(await line.innerText())?.[1];
  await page.getByRole('button', { name: 'Use Patience as B', exact: true }).click();
  await openPill(page, 'B');
  await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('patience');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Use Patience as A', exact: true }).click();
  await openPill(page, 'A');
  await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('patience');
  await expect(page.getByRole('slider', { name: 'Patience', exact: true })).toHaveValue(chosen ?? '');
  await expect(line).toHaveAttribute('aria-current', 'true');
  await expect(line.getByRole('button')).toHaveCount(0);
});

test('optimises the page’s policy, shows before and after, says why, and takes it back', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=rte');
  await openPill(page, 'A');
  await moveSlider(page, 'Mobile threshold', 0.77);
  await page.keyboard.press('Escape');
  await moveSlider(page, 'Allowed loss', 1.5);
  await page.getByRole('button', { name: 'Optimise Confidence' }).click();
  const found = page.getByRole('status', { name: 'Optimised parameters' });
  await expect(found).toContainText('lose at most 1.5 points');
  await expect(found).toContainText(/What is set stays|Here it saves .* and loses/);
  const [before, after] = [found.getByRole('row', { name: /^Before/ }), found.getByRole('row', { name: /^After/ })];
  await expect(before).toContainText('mobile threshold 0.77');
  await expect(after).toContainText('set now');
  const threshold = /mobile threshold ([\d.]+)/.exec(await after.innerText())?.[1];
  await openPill(page, 'A');
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue(threshold ?? '');
  await page.keyboard.press('Escape');
  await before.getByRole('button', { name: 'Set before' }).click();
  await openPill(page, 'A');
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.77');
});

test('says what has been measured so far, can be stopped, and goes on', async ({ page, server }) => {
  await openCompare(page, server, '&panel=policies&task=mnli');
  const status = page.getByRole('status', { name: 'Comparison' });
  const comparing = page.getByRole('region', { name: 'Policies side by side' });
  await comparing.getByRole('button', { name: 'Stop' }).click();
  await expect(status).toHaveText(/^\s*\d+ of \d+ policies\s*$/);
  await comparing.getByRole('button', { name: 'Export “Policies side by side”' }).click();
  const csv = comparing.getByRole('button', { name: 'Save “Policies side by side” as CSV' });
  await expect(csv).toBeDisabled();
  await page.keyboard.press('Escape');
  await comparing.getByRole('button', { name: 'Go on' }).click();
  await openTable(page);
  await comparing.getByRole('button', { name: 'Export “Policies side by side”' }).click();
  await expect(csv).toBeEnabled();
});

test('saves a chart as a picture with its settings', async ({ page, server }) => {
  await open(page, server);
  const { name, bytes } = await exported(page, 'What a sentence costs', 'PNG');
  expect(name).toBe('dimee-what-a-sentence-costs-sst2-confidence.png');
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const chart = await page.getByRole('img', { name: 'Cost savings' }).boundingBox();
  // Two pixels of the picture for one of the page's, and what stands around the chart.
  expect(bytes.readUInt32BE(16)).toBe(2 * (Math.round(chart?.width ?? 0) + 40));
  expect(bytes.readUInt32BE(20)).toBeGreaterThan(2 * (chart?.height ?? 0) + 160);
});
