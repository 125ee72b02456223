import { expect, open, openFineSettings, results, runSentences, test } from './testing/playground';
import { Server } from './testing/server';

const SENTENCES = ['The team won the match.', 'Rain fell on the coast.', 'The bank raised its prices.'];

/** A model that shares nothing with the shipped one but its format: three layers, one variant, another task. */
const topics = test.extend<{ topics: Server }>({
  topics: async ({}, use) => {
    const server = await Server.start('--model', 'core/testing/models/tiny-topics');
    await use(server);
    await server.kill();
  },
});

topics('a second model runs in the page, over the edge and the cloud', async ({ ownPage: page, topics: server }) => {
  await open(page, server, '#v=1&mobileThreshold=1&edgeThreshold=1');
  await expect(page.locator('body')).toContainText('3-layer');
  await expect(page.getByRole('combobox', { name: 'Task' }).getByRole('option')).toHaveText(['Topic']);
  await expect(page.locator('body')).toContainText('What is it about?');
  await runSentences(page, 'Topic', SENTENCES);
  const rows = await results(page);
  expect(rows.map(({ exitLayer, tier, exits }) => [exitLayer, tier, exits.length])).toEqual([
    [3, 'cloud', 3],
    [3, 'cloud', 3],
    [3, 'cloud', 3],
  ]);
  expect(rows.map(({ prediction }) => prediction)).toEqual(['sport', 'weather', 'money']);
  const { layersRun } = await server.done();
  expect(layersRun).toEqual({ edge: 3, cloud: 3 });
});

topics('what counts layers counts the model’s own', async ({ ownPage: page, topics: server }) => {
  // Written for twelve layers: what this model does not have is named, and defaults stand in.
  await open(page, server, '#v=1&policy=patience&patience=12&m=4&n=8');
  await expect(page.getByRole('alert')).toContainText('“patience” must be from 0 to 3');
  await expect(page.getByRole('slider', { name: 'Patience' })).toHaveAttribute('max', '3');
  await openFineSettings(page);
  await expect(page.getByRole('slider', { name: 'Mobile layers' })).toHaveAttribute('max', '3');
  await page.goto(`${server.url}#v=2&view=compare&panel=confidence`);
  await expect(page.getByRole('slider', { name: 'Exit after layer' })).toHaveAttribute('max', '3');
});
