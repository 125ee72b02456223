import type { Locator, Page } from '@playwright/test';
import { printed } from './testing/command-line';
import { expect, exported, moveSlider, open, saved, test } from './testing/playground';

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
  await open(page, server, '#v=1&view=lab&task=rte');
  await openTable(page);
  const { name, bytes } = await saved(page, 'CSV');
  expect(name).toBe('dimee-policies-rte.csv');
  const flags = ['--task', 'rte', '--format', 'csv'];
  expect(bytes.toString()).toBe(await printed('compare', ...flags));
});

test('sorts by each column, and one press later the other way round', async ({ page, server }) => {
  await open(page, server, '#v=1&view=lab&task=rte');
  await openTable(page);
  const inPageOrder = await policies(page);
  for (const name of ['Policy', 'Accuracy', 'Loss, points', 'Cost cut', 'Layers saved', 'Answered by', 'Parameters']) {
    const heading = table(page).getByRole('columnheader', { name });
    await heading.getByRole('button').press('Enter');
    const first = await heading.getAttribute('aria-sort');
    const sorted = await policies(page);
    expect(new Set(sorted)).toEqual(new Set(inPageOrder));
    await heading.getByRole('button').press('Enter');
    expect(new Set([first, await heading.getAttribute('aria-sort')])).toEqual(new Set(['ascending', 'descending']));
    expect(await policies(page)).not.toEqual(sorted);
  }
  await table(page).getByRole('columnheader', { name: 'Cost cut' }).getByRole('button').click();
  expect((await policies(page)).at(0)).toBe('Oracle');
});

test('puts a line’s policy and parameters onto the sliders', async ({ page, server }) => {
  await open(page, server, '#v=1&view=lab&task=rte');
  await openTable(page);
  const line = table(page).getByRole('row', { name: /^Patience \d/ });
  const chosen = /patience (\d+)/.exec(await line.innerText())?.[1];
  await page.getByRole('button', { name: 'Use Patience with these parameters' }).click();
  await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('patience');
  await expect(page.getByRole('slider', { name: 'Patience', exact: true })).toHaveValue(chosen ?? '');
  await expect(line).toHaveAttribute('aria-current', 'true');
  await expect(line).toContainText('In use');
});

test('optimises the page’s policy, says what that does to both splits, and takes it back', async ({ page, server }) => {
  await open(page, server, '#v=1&view=lab&task=rte');
  const sliders = ['Mobile threshold', 'Edge threshold', 'Cloud threshold'];
  const values = () => Promise.all(sliders.map((name) => page.getByRole('slider', { name, exact: true }).inputValue()));
  await moveSlider(page, 'Mobile threshold', 0.77);
  await moveSlider(page, 'Allowed loss', 1.5);
  const before = await values();
  await page.getByRole('button', { name: 'Optimise Confidence' }).click();
  const found = page.getByRole('status', { name: 'Optimised parameters' });
  await expect(found).toContainText('lose at most 1.5 points');
  const after = await values();
  expect(after).not.toEqual(before);
  for (const [index, name] of sliders.entries()) {
    await expect(found).toContainText(`${name.toLowerCase()} ${Number(after[index])}`);
  }
  await expect(found.getByRole('row')).toHaveText([/Loss, points/, /^\s*Calibration split/, /^\s*RTE dev split/]);
  await page.getByRole('button', { name: 'Undo' }).click();
  expect(await values()).toEqual(before);
});

test('says what has been measured so far, can be stopped, and goes on', async ({ page, server }) => {
  await open(page, server, '#v=1&view=lab&task=mnli');
  const status = page.getByRole('status', { name: 'Comparison' });
  const comparing = page.getByRole('region', { name: 'Policies side by side' });
  await comparing.getByRole('button', { name: 'Stop' }).click();
  await expect(status).toHaveText(/^\s*\d+ of \d+ policies\s*$/);
  await expect(page.getByRole('button', { name: 'CSV', exact: true })).toBeDisabled();
  await comparing.getByRole('button', { name: 'Go on' }).click();
  await openTable(page);
  await expect(page.getByRole('button', { name: 'CSV', exact: true })).toBeEnabled();
});

test('saves a chart as a picture with its settings', async ({ page, server }) => {
  await open(page, server);
  const { name, bytes } = await exported(page, 'Where sentences leave', 'PNG');
  expect(name).toBe('dimee-where-sentences-leave-sst2-confidence.png');
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const chart = await page.getByRole('img', { name: 'Exit distribution' }).boundingBox();
  // Two pixels of the picture for one of the page's, and what stands around the chart.
  expect(bytes.readUInt32BE(16)).toBe(2 * (Math.round(chart?.width ?? 0) + 40));
  expect(bytes.readUInt32BE(20)).toBeGreaterThan(2 * (chart?.height ?? 0) + 160);
});
