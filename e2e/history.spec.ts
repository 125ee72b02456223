import { expect, moveSlider, open, results, runSentences, test } from './testing/playground';

const MINE = 'A sentence of my own.\nAnd another one.';

test('a reload brings back what was written, set and shown', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'CoLA' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await page.getByRole('radio', { name: 'Lab' }).check({ force: true });
  // At once: what has only just been typed is kept, too.
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Lab' })).toBeChecked();
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('cola');
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
});

test('a reload after a run answers the same sentences again', async ({ page, server }) => {
  await open(page, server);
  await runSentences(page, 'SST-2', MINE.split('\n'));
  const before = await results(page);
  await page.reload();
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(/^\s*2 of 2 sentences/, { timeout: 60_000 });
  expect((await results(page)).map(({ prediction }) => prediction)).toEqual(before.map(({ prediction }) => prediction));
});

test('Back leads from the Lab to the Playground, and what was set there stays', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('radio', { name: 'Lab' }).check({ force: true });
  await expect(page.getByRole('region', { name: 'Accuracy against cost' })).toBeVisible();
  await moveSlider(page, 'Mobile threshold', 0.71);
  await page.goBack();
  await expect(page.getByRole('region', { name: 'Where sentences leave' })).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.71');
  await page.goForward();
  await expect(page.getByRole('region', { name: 'Accuracy against cost' })).toBeVisible();
});

test('a link opened over own sentences says so, and Back brings them again', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(MINE);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await page.evaluate(() => (location.hash = '#v=1&task=rte&mobileThreshold=0.8'));
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('rte');
  await expect(page.getByRole('alert')).toContainText('Back brings yours again');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveValue('sst2');
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(MINE);
  await expect(page.getByRole('slider', { name: 'Mobile threshold', exact: true })).toHaveValue('0.62');
});
