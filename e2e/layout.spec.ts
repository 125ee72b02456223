import { expect, open, openFineSettings, runSentences, SENTENCES, test } from './testing/playground';

const NAMES = {
  combobox: ['Task', 'Policy'],
  textbox: ['Sentences'],
  button: ['Run', 'Stop', 'Share'],
  slider: ['Mobile threshold', 'Edge threshold', 'Mobile layers', 'Edge layers'],
  img: ['Exit distribution', 'Cost savings'],
  status: ['Backend', 'Edge'],
} as const;

test('everything has the name it is known by', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  await openFineSettings(page);
  for (const [role, names] of Object.entries(NAMES)) {
    for (const name of names) {
      await expect(page.getByRole(role as keyof typeof NAMES, { name, exact: true })).toHaveCount(1);
    }
  }
  await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 2));
  await expect(page.getByRole('table', { name: 'Results' })).toBeVisible();
});

test('runs from the keyboard alone', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('textbox', { name: 'Sentences' }).fill('A fine film.');
  await page.keyboard.press('Control+Enter');
  const row = page.getByRole('table', { name: 'Results' }).getByRole('button', { name: 'A fine film.' });
  await row.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: 'Confidence at every exit' })).toBeVisible();
});

for (const width of [390, 768, 1440]) {
  test(`fits ${width} pixels without scrolling sideways`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 844 });
    await open(page, server);
    await runSentences(page, 'MNLI', SENTENCES.MNLI.slice(0, 2));
    await expect(page.getByRole('table', { name: 'Results' }).getByRole('row', { name: /library/ })).toHaveCount(1);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}

test('loads nothing from elsewhere and breaks none of its own rules', { tag: '@smoke' }, async ({ page, server }) => {
  const problems: string[] = [];
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (host !== new URL(server.url).host && !['blob:', 'data:'].includes(protocol)) problems.push(request.url());
  });
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 2));
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(problems).toEqual([]);
});

test('names the line that is no pair, and loses nothing', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'MRPC' });
  await page.getByRole('textbox', { name: 'Sentences' }).fill('A pair\tof sentences\nno pair');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText('Line 2 needs two sentences with one tab between them.');
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue('A pair\tof sentences\nno pair');
  await page.getByRole('textbox', { name: 'First of a pair' }).fill('Another one');
  await page.getByRole('textbox', { name: 'Second of a pair' }).fill('made of two fields');
  await page.getByRole('button', { name: 'Add pair' }).click();
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(/\nAnother one\tmade of two fields$/);
});
