import { predictionsOfCommandLine } from './testing/command-line';
import {
  allAnswered,
  copyLink,
  expect,
  layerRuns,
  moveSlider,
  open,
  openFineSettings,
  results,
  runSentences,
  SENTENCES,
  test,
} from './testing/playground';

for (const [name, sentences] of Object.entries(SENTENCES)) {
  test(
    `predicts for ${name} what the command line predicts`,
    { tag: name === 'SST-2' ? '@smoke' : [] },
    async ({ page, server }) => {
      await open(page, server);
      await runSentences(page, name, sentences);
      const expected = await predictionsOfCommandLine(name.toLowerCase().replace('-', ''), sentences);
      const actual = await results(page);
      expect(actual.map(({ prediction }) => prediction)).toEqual(expected.map(({ label }) => label));
      const rows = page.getByRole('table', { name: 'Results' }).locator('tbody[data-index]');
      await expect(rows).toHaveCount(sentences.length);
    },
  );
}

test(
  'sends a binary frame for each sentence that does not leave on the mobile tier, and for no other',
  { tag: '@smoke' },
  async ({ page, server }) => {
    await open(page, server);
    await runSentences(page, 'MNLI', SENTENCES.MNLI);
    const left = await results(page);
    const crossed = left.filter(({ tier }) => tier !== 'mobile');
    expect(crossed.length).toBeGreaterThan(0);
    expect(left.every(({ ranLocally }) => ranLocally === null)).toBe(true);
    expect((await server.done()).tensorFrames).toBe(crossed.length);
  },
);

test(
  'a raised threshold moves exits deeper and runs only the missing layers',
  { tag: '@smoke' },
  async ({ page, server }) => {
    await open(page, server);
    await moveSlider(page, 'Mobile threshold', 0.6);
    await moveSlider(page, 'Edge threshold', 0.6);
    await runSentences(page, 'SST-2', SENTENCES['SST-2']);
    const before = await results(page);
    await moveSlider(page, 'Mobile threshold', 0.97);
    await moveSlider(page, 'Edge threshold', 0.97);
    await expect(page.getByRole('status', { name: 'Run' })).not.toHaveText(/of 8 sentences · \d+ layers run ·/);
    await allAnswered(page, 8);
    const after = await results(page);
    const depth = (rows: typeof after) => rows.reduce((sum, { exitLayer }) => sum + (exitLayer ?? 0), 0);
    expect(depth(after)).toBeGreaterThan(depth(before));
    expect(await layerRuns(page)).toBe(depth(after));
    const { layersRun } = await server.done();
    const remote = after.reduce((sum, { exitLayer }) => sum + Math.max((exitLayer ?? 0) - 4, 0), 0);
    expect(layersRun.edge + layersRun.cloud).toBe(remote);
  },
);

test('a lowered threshold re-decides without running anything', async ({ page, server }) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 0.99);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  const runs = await layerRuns(page);
  await moveSlider(page, 'Mobile threshold', 0);
  await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/Layer 1: 8\./);
  expect(await layerRuns(page)).toBe(runs);
});

test('a shared link shows the same predictions in a fresh profile', async ({ page, server, browser }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'QQP' });
  await moveSlider(page, 'Mobile threshold', 0.85);
  await runSentences(page, 'QQP', SENTENCES.QQP);
  const first = await results(page);
  await copyLink(page);
  await expect(page).toHaveURL(/#.*text=/);

  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(page.url());
  await allAnswered(other, 8);
  const second = await results(other);
  const view = (rows: typeof first) => rows.map(({ prediction, exitLayer, tier }) => ({ prediction, exitLayer, tier }));
  expect(view(second)).toEqual(view(first));
  await expect(other.getByRole('slider', { name: 'Mobile threshold' })).toHaveValue('0.85');
  await context.close();
});

test('a damaged link gives the defaults and says so', { tag: '@smoke' }, async ({ page, server }) => {
  await open(page, server, '#v=1&task=sst2&m=99&mobileThreshold=banana&text=!!!');
  await expect(page.getByRole('alert')).toContainText('This link is damaged');
  await openFineSettings(page);
  await expect(page.getByRole('slider', { name: 'Mobile layers' })).toHaveValue('4');
  await expect(page.getByRole('slider', { name: 'Mobile threshold' })).toHaveValue('0.95');
});

test('shows the dev split before anything has run', async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/872 samples\./);
  await expect(page.getByRole('img', { name: 'Cost savings' })).toHaveText(/Saving: \d+\.\d %/);
});
