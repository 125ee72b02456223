import { expect, modelIsHere, moveSlider, open, openFineSettings, openRoute, test } from './testing/playground';

const NEGATION = 'It is not without charm, but the charm wears off quickly.';

test('says in one line where the recorded sentences are settled', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Most sentences don’t need the whole network.');
  await expect(page.getByText(/^On 872 film reviews,/)).toContainText(/\d+ % are settled on this device/);
  await expect(page).toHaveTitle(/^Most sentences .* DIMEE Playground$/);
});

test('an example climbs as a card, and its answer stands beneath the field', async ({ page, server }) => {
  await open(page, server);
  await modelIsHere(page);
  await page.getByRole('button', { name: 'double negation' }).click();
  await expect(page.getByRole('textbox', { name: 'Sentences' })).toHaveValue(NEGATION);
  const answer = page.getByRole('status', { name: 'Answer' });
  await expect(answer).toContainText(/^\s*negative, \d+ % sure · settled at layer \d+, on this device/);
  const card = page.getByRole('region', { name: 'Where sentences leave' }).getByText('“It is not without charm');
  await expect(card).toBeVisible();
  await expect(page.getByRole('region', { name: 'Where sentences leave' })).toContainText(
    /Changed its mind:\s+positive \d+\s% → .*negative \d+\s%/,
  );
  await expect(page.getByText('your sentence rides on top')).toBeVisible();
});

test('one sentence is sent by Enter, and many lines are written', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server);
  const field = page.getByRole('textbox', { name: 'Sentences' });
  await field.fill('A fine film.');
  await field.press('Enter');
  await expect(page.getByRole('status', { name: 'Answer' })).toContainText('positive');
  await page.getByRole('button', { name: 'paste many …' }).click();
  await expect(field).toBeFocused();
  await field.fill('A fine film.\nA bad one.\nA long one.\nThe end.');
  await field.press('Control+Enter');
  await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/4 samples\./);
});

test('a divider between tiers moves layers, by mouse and by keyboard', async ({ page, server }) => {
  await open(page, server);
  const divider = page.getByRole('slider', { name: 'Divider between this device and the edge' });
  await expect(divider).toHaveAttribute('aria-valuenow', '4');
  await divider.press('ArrowLeft');
  await expect(divider).toHaveAttribute('aria-valuenow', '3');
  await expect(async () => {
    const box = await divider.boundingBox();
    if (!box) throw new Error('The divider is not in sight.');
    await page.mouse.move(box.x + box.width / 2, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 225, box.y + 150, { steps: 5 });
    await page.mouse.up();
    await expect(divider).toHaveAttribute('aria-valuenow', '5', { timeout: 1000 });
  }).toPass();
  await openFineSettings(page);
  await expect(page.getByRole('slider', { name: 'Mobile layers' })).toHaveValue('5');
});

test('moved thresholds are marked, can be undone and reset, and the best point shows what it changes', async ({
  page,
  server,
}) => {
  await open(page, server);
  const bar = page.getByRole('region', { name: 'Figures and thresholds' });
  const mobile = page.getByRole('slider', { name: 'Mobile threshold' });
  await expect(bar).toContainText('calibrated for this task');
  await expect(bar.getByRole('button', { name: 'best for this task' })).toBeDisabled();
  await moveSlider(page, 'Mobile threshold', 0.6);
  await expect(bar).toContainText('custom');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(mobile).toHaveValue('0.95');
  await page.getByRole('button', { name: 'Redo', exact: true }).click();
  await expect(mobile).toHaveValue('0.6');
  await bar.getByRole('button', { name: 'best for this task' }).click();
  await expect(mobile).toHaveValue('0.95');
  await expect(bar).toContainText(
    /Before: \d+\.\d % saved at \d+\.\d % accuracy\. Now: \d+\.\d % saved at \d+\.\d % accuracy\./,
  );
  await moveSlider(page, 'Edge threshold', 0.99);
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await expect(page.getByRole('slider', { name: 'Edge threshold' })).toHaveValue('0.68');
});

test('thresholds moved for one task are not those of another', async ({ page, server }) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 0.5);
  await page.getByRole('combobox', { name: 'Task' }).selectOption('cola');
  const bar = page.getByRole('region', { name: 'Figures and thresholds' });
  await expect(bar).toContainText('calibrated for this task');
  await page.getByRole('combobox', { name: 'Task' }).selectOption('sst2');
  await expect(page.getByRole('slider', { name: 'Mobile threshold' })).toHaveValue('0.5');
});

test(
  'each route has its title, its address and its place in the history',
  { tag: '@smoke' },
  async ({ page, server }) => {
    await open(page, server);
    for (const [name, view] of [
      ['Compare', 'compare'],
      ['Your data', 'data'],
      ['Learn', 'learn'],
    ] as const) {
      await openRoute(page, name);
      await expect(page).toHaveTitle(`${name} · DIMEE Playground`);
      await expect(page).toHaveURL(new RegExp(`#.*view=${view}`));
    }
    await page.goBack();
    await expect(page).toHaveTitle('Your data · DIMEE Playground');
    await page.reload();
    await expect(page).toHaveTitle('Your data · DIMEE Playground');
  },
);

test('the address follows what is set and written', async ({ page, server }) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 0.62);
  await expect(page).toHaveURL(/mobileThreshold=0\.62/);
  await page.getByRole('textbox', { name: 'Sentences' }).fill('Mine.');
  await expect(page).toHaveURL(/text=/);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('the answer stands beneath the button, and the picture stays in sight', async ({ ownPage: page, server }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, server);
    const run = page.getByRole('button', { name: 'Run', exact: true });
    await run.click();
    const answer = page.getByRole('status', { name: 'Answer' });
    await expect(answer).toContainText('sure');
    const [button, line] = [await run.boundingBox(), await answer.boundingBox()];
    expect(line?.y).toBeLessThan(844);
    expect((line?.y ?? 0) - (button?.y ?? 0)).toBeLessThan(120);
    await page.getByRole('slider', { name: 'Edge threshold' }).scrollIntoViewIfNeeded();
    await expect(page.getByRole('img', { name: 'Exit distribution' })).toBeInViewport();
  });
});

for (const view of ['play', 'compare', 'data', 'learn']) {
  test(`${view} scrolls sideways at no width`, async ({ page, server }) => {
    await page.goto(`${server.url}#v=2&task=sst2&view=${view}`);
    await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
    for (const width of [320, 360, 620, 901, 1024, 1100, 1250, 1920, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      await expect(async () => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }).toPass({ timeout: 5000 });
    }
  });
}

test('the first picture is drawn from files that were asked for once, before the worker starts', async ({
  ownPage: page,
  server,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await open(page, server);
  await expect(page.getByText(/^On 872/)).toBeVisible();
  await expect(page.getByRole('status', { name: 'Backend' })).toContainText('WASM');
  const count = (pattern: RegExp) => asked.filter((path) => pattern.test(path)).length;
  await expect.poll(() => count(/\.wasm$/)).toBeGreaterThan(0);
  expect(count(/sst2\.dev\.bin$/)).toBe(1);
  expect(asked.findIndex((path) => path.includes('sst2.dev.bin'))).toBeLessThan(
    asked.findIndex((path) => path.endsWith('.wasm')),
  );
});
