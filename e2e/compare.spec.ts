import type { Locator, Page } from '@playwright/test';
import { printed } from './testing/command-line';
import { copyLink, expect, moveSlider, open, openCompare, openPill, test } from './testing/playground';
import type { Server } from './testing/server';

/** The cheapest policies to draw; the rest fills in around them. */
const FEW_CURVES = '&task=sst2&curves=';

const handleOf = (page: Page, side: 'A' | 'B') => page.getByRole('slider', { name: `Operating point ${side}` });
const pairOf = (page: Page) => page.getByRole('table', { name: 'A against B' });

async function openTradeOff(page: Page, server: Server, hash = FEW_CURVES): Promise<Locator> {
  await openCompare(page, server, hash);
  await expect(handleOf(page, 'A')).toBeVisible();
  await expect(handleOf(page, 'B')).toBeVisible();
  return handleOf(page, 'A');
}

/** Of a slider of the page's own configuration. */
async function valueOf(page: Page, slider: string, side: 'A' | 'B' = 'A'): Promise<number> {
  await openPill(page, side);
  return page.getByRole('slider', { name: slider, exact: true }).inputValue().then(Number);
}

test(
  'the first route fetches nothing of Compare; its link opens it, and Back leads back',
  { tag: '@smoke' },
  async ({ page, server }) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));
    await open(page, server);
    await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/872 samples\./);
    expect(requests.filter((path) => /compare|lab\./i.test(path))).toEqual([]);
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Accuracy against compute saved' })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('region', { name: 'Accuracy against compute saved' })).toHaveCount(0);
  },
);

test('its five parts are links with a line of explanation, each an entry of the history', async ({ page, server }) => {
  await openCompare(page, server, FEW_CURVES);
  const parts = page.getByRole('navigation', { name: 'Parts of Compare' });
  const regions = {
    Policies: 'Policies side by side',
    Confidence: 'Reliability of exits',
    'Online learning': 'Learning on the way',
    Network: 'Over the network',
  };
  await expect(parts.getByRole('link')).toHaveText([
    /Trade-off\s+accuracy against compute/,
    /Policies\s+\d+ side by side/,
    /Confidence\s+can it be trusted\?/,
    /Online learning\s+bandits, regret/,
    /Network\s+time, bytes, energy/,
  ]);
  for (const [part, region] of Object.entries(regions)) {
    await parts.getByRole('link', { name: part }).click();
    await expect(page.getByRole('region', { name: region }).first()).toBeVisible();
    await expect(parts.getByRole('link', { name: part })).toHaveAttribute('aria-current', 'page');
  }
  await expect(page).toHaveURL(/panel=network/);
  await page.goBack();
  await expect(page.getByRole('region', { name: regions['Online learning'] })).toBeVisible();
});

test('a link of the old Lab opens Compare with the curve of its policy', async ({ page, server }) => {
  await page.goto(`${server.url}#v=1&task=sst2&view=lab&curves=patience`);
  const handle = handleOf(page, 'A');
  await expect(handle).toHaveAttribute(
    'aria-valuetext',
    /^compute saved \d.*mobile threshold 0\.95, edge threshold 0\.68/,
  );
  const picture = page.getByRole('img', { name: 'Accuracy against compute saved' });
  await expect(picture).toHaveText(/Confidence: from .* saved at .*Expected loss: .*Patience: .*/);
  await expect(picture).toHaveText(/All cloud: 0\.0 % saved/);
});

test('a point that is not on its curve says why, and moves onto it', async ({ page, server }) => {
  const handle = await openTradeOff(page, server);
  const why = page.getByText(/not on the curve: it joins settings that nothing beat/);
  await expect(why).toContainText('A and B are');
  const threshold = await handle.getAttribute('aria-valuetext');
  await page.getByRole('button', { name: 'Move A onto it' }).click();
  await expect(why).toContainText('B is');
  await expect(handle).not.toHaveAttribute('aria-valuetext', threshold ?? '');
});

test('the keys move A and B along their curves, and nothing but their own sliders', async ({ page, server }) => {
  const handle = await openTradeOff(page, server);
  const other = handleOf(page, 'B');
  await expect(other).toHaveAttribute('aria-valuemax', /\d\d/);
  const wordsOfB = (await other.getAttribute('aria-valuetext')) ?? '';
  await handle.focus();
  await page.keyboard.press('End');
  await expect(handle).toHaveAttribute('aria-valuenow', (await handle.getAttribute('aria-valuemax')) ?? '');
  const cheapest = await valueOf(page, 'Mobile threshold');
  await handle.focus();
  await page.keyboard.press('Home');
  await expect(handle).toHaveAttribute('aria-valuenow', '1');
  const dearest = await valueOf(page, 'Mobile threshold');
  expect(cheapest).toBeLessThan(dearest);
  await handle.focus();
  await page.keyboard.press('ArrowRight');
  await expect(handle).toHaveAttribute('aria-valuenow', '2');
  await expect(other).toHaveAttribute('aria-valuetext', wordsOfB);
  const wordsOfA = (await handle.getAttribute('aria-valuetext')) ?? '';
  await other.focus();
  await page.keyboard.press('Home');
  await expect(other).toHaveAttribute('aria-valuenow', '1');
  await expect(handle).toHaveAttribute('aria-valuetext', wordsOfA);
});

test('the pointer drags A along its curve', async ({ page, server }) => {
  const handle = await openTradeOff(page, server);
  await handle.focus();
  await page.keyboard.press('Home');
  await expect(handle).toHaveAttribute('aria-valuenow', '1');
  const words = await handle.getAttribute('aria-valuetext');
  // The chart may still grow while other curves come, and then the point is not where it was.
  await expect(async () => {
    const from = await handle.boundingBox();
    if (!from) throw new Error('The point has no place.');
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x + from.width / 2 + 400, from.y + 200, { steps: 5 });
    await page.mouse.up();
    await expect(handle).not.toHaveAttribute('aria-valuenow', '1', { timeout: 2000 });
  }).toPass();
  await expect(handle).not.toHaveAttribute('aria-valuetext', words ?? '');
  const threshold = await valueOf(page, 'Mobile threshold');
  await expect(handle).toHaveAttribute('aria-valuetext', new RegExp(`mobile threshold ${threshold},`));
});

test('sliders move the point, off its curve too', async ({ page, server }) => {
  const handle = await openTradeOff(page, server);
  await openPill(page, 'A');
  for (const threshold of [0.6, 0.975]) {
    await moveSlider(page, 'Mobile threshold', threshold);
    await expect(handle).toHaveAttribute('aria-valuetext', new RegExp(`mobile threshold ${threshold},`));
  }
  await moveSlider(page, 'Mobile threshold', 0);
  await expect(handle).toHaveAttribute('aria-valuetext', /1\.0 layers run on average, mobile threshold 0,/);
});

test('beside each threshold on confidence stands how well its exit tells right from wrong', async ({
  page,
  server,
}) => {
  await openTradeOff(page, server);
  await openPill(page, 'A');
  // Of the calibration split's rows, counted with numpy: 0.8499 at layer 4, 0.8710 at 8 and 0.8711 at 12.
  await expect(page.getByText(/^AUROC/)).toHaveText(['AUROC 0.85', 'AUROC 0.87', 'AUROC 0.87']);
  await expect(page.getByText('AUROC 0.85')).toHaveAttribute('title', /exit after layer 4/);
  await page.getByRole('combobox', { name: 'Policy', exact: true }).selectOption('Patience');
  await expect(page.getByText(/^AUROC/)).toHaveCount(0);
});

test('costs and the split move the curve', async ({ page, server }) => {
  const handle = await openTradeOff(page, server);
  const saved = async () =>
    Number(/compute saved (-?[\d.]+)/.exec((await handle.getAttribute('aria-valuetext')) ?? '')?.[1]);
  const before = await saved();
  await openPill(page, 'costs');
  await moveSlider(page, 'Mobile layer', 3);
  await expect.poll(saved).toBeLessThan(before - 5);
  const dearer = await saved();
  await openPill(page, 'A');
  await moveSlider(page, 'Mobile layers', 1);
  await expect.poll(saved).not.toBe(dearer);
});

test.describe('A against B', () => {
  test('has each number of both, and what lies between them with its interval', async ({ page, server }) => {
    await openTradeOff(page, server);
    const row = (name: string) => pairOf(page).getByRole('row', { name });
    await expect(row('Compute saved')).toHaveText(/75\.0 %\s*79\.4 %\s*\+4\.4\s*3\.\d to 5\.\d/);
    await expect(row('Accuracy')).toHaveText(/91\.1 %\s*90\.9 %\s*chance\?\s*−0\.1\s*−\d\.\d to \d\.\d/);
    await expect(row('Layers run')).not.toContainText('chance?');
    // A at the page's defaults, B at those of “Expected loss”: over the static cut of the same cost.
    const gain = page.getByText('Points over a static cut of the same cost');
    await expect(gain).toContainText(
      /A \+0\.43\s*\(−0\.54 to 1\.40\), chance\?\s*B \+0\.92\s*\(−0\.29 to 2\.12\), chance\?/,
    );
    await expect(row('Median time, 4G')).toContainText('ms');
    await row('Accuracy').getByRole('button', { name: 'chance?' }).click();
    await expect(page.getByRole('group', { name: 'May be chance' }).filter({ hasText: 'spans zero' })).toContainText(
      /Only A is right on \d+, only B on \d+: so few that the interval is exact/,
    );
  });

  test('swaps, copies, and says that nothing differs', async ({ page, server }) => {
    await openTradeOff(page, server);
    await expect(pairOf(page).getByRole('row', { name: 'Compute saved' })).toContainText('+4.4');
    await page.getByRole('button', { name: 'Swap A and B' }).click();
    await expect(pairOf(page).getByRole('row', { name: 'Compute saved' })).toContainText('−4.4');
    await openPill(page, 'A');
    await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('expected-loss');
    await openPill(page, 'B');
    await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('confidence');
    await page.getByRole('button', { name: 'Copy A to B' }).click();
    await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('expected-loss');
    await page.keyboard.press('Escape');
    await expect(page.getByText('They answer every row alike.')).toBeVisible();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(pairOf(page).getByRole('row', { name: 'Compute saved' })).toContainText('−4.4');
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await expect(pairOf(page).getByRole('row', { name: 'Compute saved' })).toContainText('+4.4');
  });

  test('lists the rows on which they disagree', async ({ page, server }) => {
    await openTradeOff(page, server);
    const status = page.getByRole('status', { name: 'A against B' });
    await expect(status).toContainText(/They answer \d+ of 872 rows otherwise/);
    const count = Number(/answer (\d+) of/.exec((await status.textContent()) ?? '')?.[1]);
    await status.getByRole('button', { name: 'show them' }).click();
    const list = page.getByRole('region', { name: 'Rows on which they disagree' }).last();
    await expect(list.getByRole('listitem')).toHaveCount(count);
    await expect(list.getByRole('listitem').first()).toHaveText(
      /Row [\d,]+\s*Right is (negative|positive)\s*A\s*(negative|positive), layer \d+\s*✓?\s*B\s*(negative|positive), layer \d+/,
    );
    await expect(page.getByText(/Texts of the dev split are not shipped/)).toBeVisible();
    await page.getByRole('radio', { name: /^Other layer/ }).check({ force: true });
    await expect(list.getByRole('listitem')).not.toHaveCount(count);
  });

  test('B comes back in a link, whatever it is', async ({ page, server, browser }) => {
    await openTradeOff(page, server);
    await openPill(page, 'B');
    await page.getByRole('combobox', { name: 'Policy', exact: true }).selectOption('Patience');
    await moveSlider(page, 'Patience', 5);
    await moveSlider(page, 'Mobile layers', 2);
    await page.keyboard.press('Escape');
    await expect(handleOf(page, 'B')).toHaveAttribute('aria-valuetext', /patience 5$/);
    const words = (await handleOf(page, 'B').getAttribute('aria-valuetext')) ?? '';
    await expect(page).toHaveURL(/b\.policy=patience&b\.m=2.*b\.patience=5/);
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(page.url());
    await expect(handleOf(other, 'B')).toHaveAttribute('aria-valuetext', words);
    await context.close();
  });
});

test('shows what a dear device leaves of the cut, to the digit as the command line does', async ({ page, server }) => {
  await openTradeOff(page, server, '&task=rte&curves=');
  await page.getByText('If the device’s layers are dear').click();
  const chart = page.getByRole('img', { name: 'Best cut by what a layer costs on the device' });
  await expect(chart).toHaveText(/At 6\.0: /, { timeout: 60_000 });
  const told = (await chart.textContent()) ?? '';
  const csv = await printed('compare', '--sensitivity', '--task', 'rte', '--format', 'csv');
  const cells = csv.split('\n').map((line) => line.split(',').map(Number));
  const shared = cells.filter(([price = 9, offloading]) => price <= 6 && offloading === 1).slice(0, 6);
  expect(shared.map(([price]) => price)).toEqual([0.5, 1, 2, 3, 4, 6]);
  for (const [price = 0, , saved = 0, , cut = 0] of shared) {
    const [ofPolicy, ofCut] = [saved, cut].map((value) => value.toFixed(1).replace('-', '−'));
    expect(told).toContain(`At ${price.toFixed(1)}: ${ofPolicy} % saved, by a static cut ${ofCut} %.`);
  }
});

test('near here names the best policies for the aim, to be taken as B', async ({ page, server }) => {
  await openTradeOff(page, server);
  const near = page.getByRole('region', { name: 'Near here' });
  await expect(near.getByRole('row', { name: /^Learned exit/ })).toBeVisible({ timeout: 60_000 });
  await near.getByRole('button', { name: 'Use Learned exit as B' }).click();
  await expect(near.getByRole('row', { name: /^Learned exit/ })).toContainText('B');
  await openPill(page, 'B');
  await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveValue('learned-exit');
});

test('a shared link brings back curves, the point that was dragged to, aim, and the policy that learns', async ({
  page,
  server,
  browser,
}) => {
  const handle = await openTradeOff(page, server);
  await page.getByText('Other curves').click();
  await page.getByRole('checkbox', { name: 'Patience', exact: true }).check();
  await handle.focus();
  await page.keyboard.press('Home');
  await expect(handle).toHaveAttribute('aria-valuenow', '1');
  const words = (await handle.getAttribute('aria-valuetext')) ?? '';
  const parts = page.getByRole('navigation', { name: 'Parts of Compare' });
  await parts.getByRole('link', { name: 'Policies' }).click();
  await page.getByRole('radio', { name: 'At equal cost' }).check();
  await moveSlider(page, 'Compute saved', 72);
  await parts.getByRole('link', { name: 'Online learning' }).click();
  await page.getByRole('combobox', { name: 'Online policy' }).selectOption('I-SplitEE');
  const learning = { 'Ramp cost': 0.35, 'Seed of the stream': 9, Passes: 4 };
  for (const [slider, value] of Object.entries(learning)) await moveSlider(page, slider, value);
  await copyLink(page);
  await expect(page).toHaveURL(
    /view=compare&panel=online.*curves=patience.*aim=equalCost&cut=72&online=i-splitee.*online\.rampCost=0\.35$/,
  );

  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole('combobox', { name: 'Online policy' })).toHaveValue('i-splitee');
  for (const [slider, value] of Object.entries(learning)) {
    await expect(other.getByRole('slider', { name: slider, exact: true })).toHaveValue(String(value));
  }
  await other.getByRole('link', { name: 'Policies' }).click();
  await expect(other.getByRole('slider', { name: 'Compute saved' })).toHaveValue('72');
  await other.getByRole('link', { name: 'Trade-off' }).click();
  await expect(handleOf(other, 'A')).toHaveAttribute('aria-valuetext', words);
  await context.close();
});

test('says what a confidence is worth, exit by exit', async ({ page, server }) => {
  await openCompare(page, server, `${FEW_CURVES}&panel=confidence`);
  const table = page.getByRole('table', { name: 'Reliability of every exit' });
  await expect(table.getByRole('row')).toHaveCount(13);
  await table.getByRole('button', { name: 'Layer 7' }).click();
  await expect(page.getByRole('img', { name: 'Reliability of exit 7' })).toHaveText(
    /accuracy \d+\.\d %, mean confidence \d+\.\d %/,
  );
  await moveSlider(page, 'Exit after layer', 12);
  await expect(page.getByRole('img', { name: 'Reliability of exit 12' })).toHaveCount(1);
  await expect(table.getByRole('button', { name: 'Layer 12' })).toHaveAttribute('aria-pressed', 'true');
});

test('what could not be fetched says why, and is tried again', async ({ ownPage: page, server }) => {
  let isDown = true;
  await page.route(/policies\/sst2\.json/, (route) => (isDown ? route.abort() : route.continue()));
  await openCompare(page, server, FEW_CURVES);
  const alert = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
  await expect(alert).toBeVisible();
  isDown = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(alert).toHaveCount(0);
  await expect(handleOf(page, 'A')).toBeVisible();
});

test('rows of one’s own are what every part is about, with their texts, and the dev split is one press away', async ({
  page,
  server,
}) => {
  await open(page, server);
  const films = [
    'A joy from the first minute to the last',
    'Dull and far too long',
    'Not bad, and not what I had hoped for',
  ];
  const lines = Array.from(
    { length: 24 },
    (_, row) => `${films[row % 3]}, says critic ${row + 1}\t${row % 3 === 0 ? 1 : 0}`,
  );
  await page.getByRole('link', { name: 'Your data', exact: true }).click();
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({
      ...{ name: 'films.tsv', mimeType: 'text/tab-separated-values' },
      buffer: Buffer.from(['text\tlabel', ...lines].join('\n')),
    });
  await page.getByRole('button', { name: 'Run 24 rows' }).click();
  await expect(page.getByRole('status', { name: 'Own rows' })).toContainText('24 rows', { timeout: 90_000 });
  await page.getByRole('button', { name: /^(Open in the Lab|Compare)/ }).click();
  await openPill(page, 'films');
  await expect(page.getByText('Your own rows, films.tsv: 24 rows.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('With only 24 rows these intervals are too narrow.')).toBeVisible();
  await page.getByRole('button', { name: 'show them' }).click();
  await page.getByRole('radio', { name: /^Other layer/ }).check({ force: true });
  const list = page.getByRole('region', { name: 'Rows on which they disagree' }).last();
  await expect(list.getByRole('listitem').first()).toContainText('says critic');
  const parts = page.getByRole('navigation', { name: 'Parts of Compare' });
  for (const part of ['Policies', 'Confidence', 'Online learning', 'Network']) {
    await parts.getByRole('link', { name: part }).click();
    await expect(page.getByRole('main')).toContainText('films.tsv');
    await expect(page.getByRole('main')).not.toContainText('dev split');
  }
  await openPill(page, 'films');
  await page.getByRole('button', { name: 'Back to the dev split' }).click();
  await expect(page.getByRole('button', { name: /^SST-2, 872 rows/ })).toBeVisible();
});

test('the bar stays while one scrolls, and holds each control once', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 700 });
  await openTradeOff(page, server);
  await page.mouse.move(200, 500);
  await page.mouse.wheel(0, 900);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(300);
  const bar = page.getByRole('group', { name: 'What is compared' });
  await expect.poll(async () => (await bar.boundingBox())?.y).toBe(0);
  for (const name of ['Task', 'Policy', 'Network']) {
    await expect(page.getByRole('combobox', { name, exact: true })).toHaveCount(0);
  }
  for (const side of ['A', 'B']) {
    await openPill(page, side);
    await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveCount(1);
    await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toBeInViewport();
  }
  await openPill(page, 'SST-2');
  await expect(page.getByRole('combobox', { name: 'Task' })).toBeInViewport();
  await expect(page.getByRole('combobox', { name: 'Policy', exact: true })).toHaveCount(0);
});

const PARTS = ['trade-off', 'policies', 'confidence', 'online', 'network'];

for (const panel of PARTS) {
  test(`${panel} never scrolls sideways, and is no long column on a desktop`, async ({ page, server }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await openCompare(page, server, `${FEW_CURVES}&panel=${panel}`);
    await expect(page.locator('main h1, main h2').first()).toBeVisible();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(900);
    for (const width of [2560, 1440, 1247, 1024, 901, 900, 700, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth), { message: `at ${width}` })
        .toBeLessThanOrEqual(0);
    }
  });
}
