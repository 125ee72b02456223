import { allAnswered, expect, moveSlider, open, results, runSentences, SENTENCES, test } from './testing/playground';

/** So many times eight sentences, no two of them alike. */
const inRounds = (rounds: number) =>
  Array.from({ length: rounds }, (_, round) =>
    SENTENCES['SST-2'].map((sentence) => `${sentence} Round ${round + 1}.`),
  ).flat();
const many = inRounds(5);

test(
  'every sentence is answered although the server dies in the middle and comes back',
  { tag: '@smoke' },
  async ({ ownPage: page, ownServer: server }) => {
    await open(page, server);
    // Where the server is longer away than the page is patient, it needs the deeper layers itself.
    await expect(page.getByRole('status', { name: 'Model bytes' })).toHaveText(/all layers are here/, {
      timeout: 60_000,
    });
    await moveSlider(page, 'Mobile threshold', 1);
    await page.getByRole('textbox', { name: 'Sentences' }).fill(many.join('\n'));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.getByRole('status', { name: 'Run' })).toHaveText(/^\s*[1-9]\d* of 40/);
    await server.kill();
    await server.start();
    await allAnswered(page, many.length);
    expect((await results(page)).every(({ prediction }) => prediction !== null)).toBe(true);
  },
);

test('without a server the page answers by itself and says so', async ({ ownPage: page, ownServer: server }) => {
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 2));
  await expect(page.getByRole('status', { name: 'Model bytes' })).toHaveText(/all layers are here/, {
    timeout: 60_000,
  });
  await server.kill();
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  const rows = await results(page);
  expect(rows.every(({ tier }) => tier === 'mobile')).toBe(true);
  expect(rows.filter(({ ranLocally }) => ranLocally !== null).length).toBeGreaterThan(0);
  await expect(page.getByRole('status', { name: 'Edge' })).toContainText('No edge');
});

test('Stop ends a run and keeps what is known', async ({ page, server }) => {
  await open(page, server);
  await moveSlider(page, 'Mobile threshold', 1);
  // So many that none of the steps before Stop can outlast them.
  await page.getByRole('textbox', { name: 'Sentences' }).fill(inRounds(250).join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(/^\s*[1-9]\d* of 2000/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(
    /^\s*(?!2000)\d+ of 2000 sentences · \d+ layers run · stopped/,
  );
  await page.getByRole('textbox', { name: 'Sentences' }).fill(many.join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await allAnswered(page, many.length);
});

test('a cached model file with one byte changed is fetched again', async ({ ownPage: page, server }) => {
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  const before = await results(page);
  const manifest = await page.evaluate(async () => {
    const url = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('manifest.json'))?.name;
    return (await (await fetch(url ?? '')).json()) as { variants: { q8: { layers: { sha256: string }[] } } };
  });
  const damaged = await page.evaluate(async (sha256) => {
    const cache = await caches.open('dimee-model-files');
    const request = (await cache.keys()).find(({ url }) => url.endsWith(sha256));
    const response = request && (await cache.match(request));
    if (!request || !response) return false;
    const bytes = new Uint8Array(await response.arrayBuffer());
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await cache.put(request, new Response(bytes));
    return true;
  }, manifest.variants.q8.layers[1]?.sha256 ?? '');
  expect(damaged).toBe(true);
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('layer-02');
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  const view = (rows: typeof before) => rows.map(({ prediction, exitLayer }) => ({ prediction, exitLayer }));
  expect(view(await results(page))).toEqual(view(before));
});
