import type { Page } from '@playwright/test';
import { expect, open, openRoute, results, runSentences, test } from './testing/playground';

/* The dev split, typed sentences and a file: one picture, one table, one export. */

const REMARKS = [
  'A joy from the first minute to the last.',
  'Tedious, clumsy and completely forgettable.',
  'Not a great film, yet I could not look away.',
  'It is not without charm, but the charm wears off quickly.',
];
const LABELLED = ['sentence\tlabel', ...REMARKS.map((text, row) => `${text}\t${row === 1 ? 'negative' : 'positive'}`)];

const table = (page: Page) => page.getByRole('table', { name: 'Results' });
const filters = (page: Page) => page.getByRole('group', { name: 'Show only' });
const rowCount = async (page: Page) => Number(await table(page).getAttribute('aria-rowcount')) - 1;
const countOn = async (page: Page, chip: RegExp) =>
  Number(/\d+$/.exec((await filters(page).getByRole('button', { name: chip }).innerText()).trim())?.[0]);

async function runFile(page: Page): Promise<void> {
  const files = { name: 'remarks.tsv', mimeType: 'text/plain', buffer: Buffer.from(LABELLED.join('\n')) };
  await page.locator('input[type=file]').first().setInputFiles(files);
  await page.getByRole('dialog').getByRole('button', { name: 'Run 4 rows' }).click();
  await expect(page.getByRole('status', { name: 'Own rows' })).toHaveText(/^\s*4 rows/, { timeout: 90_000 });
}

test('three sources share one table, one picture and one export', async ({ page, server }) => {
  await open(page, server);
  await expect(table(page)).toHaveAttribute('aria-rowcount', '873');
  await expect(page.getByText('The dev split comes without its texts')).toBeVisible();
  await expect(table(page).getByRole('button', { name: 'Row 1 of the SST-2 dev split' })).toBeVisible();

  await runSentences(page, 'SST-2', REMARKS);
  await expect(table(page)).toHaveAttribute('aria-rowcount', '5');
  const typed = await results(page);

  await runFile(page);
  await expect(table(page)).toHaveAttribute('aria-rowcount', '5');
  await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/4 samples\./);
  const ofFile = await results(page);
  const answers = (rows: typeof typed) =>
    rows.map(({ texts, prediction, exitLayer, tier }) => [texts, prediction, exitLayer, tier]);
  expect(answers(ofFile)).toEqual(answers(typed));

  await openRoute(page, 'Play');
  const sources = page.getByRole('radiogroup', { name: 'Show' });
  await expect(sources.getByRole('radio', { name: /Your file/ })).toBeChecked();
  await sources.getByRole('radio', { name: /dev split/ }).check({ force: true });
  await expect(table(page)).toHaveAttribute('aria-rowcount', '873');
  expect((await results(page)).length).toBe(872);
});

test('filters narrow rows down, say how many are left, and are cleared at once', async ({ page, server }) => {
  await open(page, server);
  await expect(table(page)).toHaveAttribute('aria-rowcount', '873');
  const [changed, wrong] = [await countOn(page, /Changed its mind/), await countOn(page, /Wrong/)];
  expect(changed).toBeGreaterThan(0);
  await filters(page)
    .getByRole('button', { name: /Changed its mind/ })
    .click();
  expect(await rowCount(page)).toBe(changed);
  await expect(filters(page)).toContainText(`${changed} of 872`);
  await expect(
    table(page)
      .getByText(/^changed its mind: (negative|positive) \d+ % → (negative|positive) \d+ %$/)
      .first(),
  ).toBeVisible();

  await filters(page).getByRole('combobox', { name: 'Settled at layer' }).selectOption({ label: 'Layer 5' });
  expect(await rowCount(page)).toBeLessThan(changed);
  const layers = await table(page).locator('td.layer').allInnerTexts();
  expect(new Set(layers)).toEqual(new Set(['5']));

  await filters(page).getByRole('combobox', { name: 'Settled at layer' }).selectOption({ label: 'Layer 1' });
  await expect(page.getByText('No row is like that under these settings.')).toBeVisible();
  await filters(page).getByRole('button', { name: 'Clear all' }).click();
  await expect(table(page)).toHaveAttribute('aria-rowcount', '873');

  await filters(page).getByRole('button', { name: /Wrong/ }).click();
  expect(await rowCount(page)).toBe(wrong);
  await expect(
    table(page)
      .getByText(/^labelled (negative|positive)$/)
      .first(),
  ).toBeVisible();
  // Of other rows, a filter asks nothing.
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'RTE' });
  await expect(table(page)).toHaveAttribute('aria-rowcount', '278');
});

test('a row opens to every exit, whose confidence follows from its logits and temperature', async ({
  page,
  server,
}) => {
  await open(page, server);
  await table(page).getByRole('button', { name: 'Row 1 of the SST-2 dev split' }).click();
  const exits = table(page).getByRole('table', { name: 'Confidence at every exit' });
  await expect(exits.getByRole('row')).toHaveCount(13);
  for (const row of await exits.locator('tbody tr').all()) {
    const cells = await row.getByRole('cell').allInnerTexts();
    const [probabilities = [], logits = [], [temperature = Number.NaN] = []] = cells
      .slice(-3)
      .map((cell) => cell.replace('÷', '').trim().split(/\s+/).map(Number));
    const odds = logits.map((logit) => Math.exp(logit / temperature));
    const sum = odds.reduce((total, value) => total + value, 0);
    odds.forEach((value, label) => expect(value / sum).toBeCloseTo(probabilities[label] ?? Number.NaN, 2));
  }
});

test('a link that names a file opens at the dev split, with a word', async ({ page, server }) => {
  await open(page, server, '#v=2&task=sst2&show=file');
  await expect(page.getByRole('alert')).toContainText('A link never holds a file');
  await expect(table(page)).toHaveAttribute('aria-rowcount', '873');
});

test('a file that is run shows its progress on other routes, and says when it is done', async ({ page, server }) => {
  await open(page, server);
  const many = Array.from({ length: 400 }, (_, row) => `${REMARKS[row % 4]} Take ${row}.`).join('\n');
  const files = { name: 'many.txt', mimeType: 'text/plain', buffer: Buffer.from(many) };
  await page.locator('input[type=file]').first().setInputFiles(files);
  await page.getByRole('dialog').getByRole('button', { name: 'Run 400 rows' }).click();
  await openRoute(page, 'Play');
  const line = page.getByLabel('The run of your file');
  await line.getByRole('button', { name: 'Pause' }).click();
  await expect(line).toContainText(/Paused: many\.txt · \d+ of 400 rows so far/);
  await line.getByRole('button', { name: 'Resume' }).click();
  await expect(line).toContainText('many.txt is done: 400 rows', { timeout: 90_000 });
  await line.getByRole('link', { name: 'See the results' }).click();
  await expect(table(page)).toHaveAttribute('aria-rowcount', '401');
  await openRoute(page, 'Play');
  await expect(line).toBeHidden();
});

test('what failed to load is tried again where it is said', async ({ ownPage: page, server }) => {
  let isThere = false;
  await page.route(/sst2\.dev\.bin/, (asked) => (isThere ? asked.continue() : asked.fulfill({ status: 503 })));
  await open(page, server);
  await expect(page.getByRole('alert')).toContainText(
    'The recorded dev split could not be loaded: The server answered 503.',
  );
  const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
  await again.click();
  await expect(again).toBeVisible();
  isThere = true;
  // Whatever else asks for it meanwhile may have it sooner, and takes the button away.
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1000 });
    await expect(table(page)).toHaveAttribute('aria-rowcount', '873', { timeout: 2000 });
  }).toPass();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
