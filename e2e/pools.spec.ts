import { predictionsOfCommandLine } from './testing/command-line';
import { expect, open, results, runSentences, SENTENCES, test } from './testing/playground';

const sentences = SENTENCES.MNLI;

test('DIMEE pools send each sentence whole to the tier that the command line sends it to', async ({ page, server }) => {
  await open(page, server, '#v=2&policy=dimee-pools');
  await runSentences(page, 'MNLI', sentences);
  const expected = await predictionsOfCommandLine('mnli', sentences, 'dimee-pools');
  const actual = await results(page);
  expect(actual.map(({ tier }) => tier)).toEqual(expected.map(({ tier }) => tier));
  expect(actual.map(({ exitLayer }) => exitLayer)).toEqual(expected.map(({ exitLayer }) => exitLayer));
  expect(actual.map(({ prediction }) => prediction)).toEqual(expected.map(({ label }) => label));
  expect(new Set(expected.map(({ tier }) => tier)).size).toBeGreaterThan(1);
  expect(actual.every(({ ranLocally }) => ranLocally === null)).toBe(true);
  const { tensorFrames, layersRun } = await server.done();
  expect(tensorFrames).toBe(0);
  const remote = expected.reduce((sum, { tier, exitLayer }) => sum + (tier === 'mobile' ? 0 : exitLayer), 0);
  expect(layersRun.edge + layersRun.cloud).toBe(remote);
});

test('edge-cloud fusion answers with both exits, as the command line does', async ({ page, server }) => {
  await open(page, server, '#v=2&policy=fusion');
  await runSentences(page, 'MNLI', sentences);
  const expected = await predictionsOfCommandLine('mnli', sentences, 'fusion');
  const actual = await results(page);
  expect(actual.map(({ prediction }) => prediction)).toEqual(expected.map(({ label }) => label));
  expect(actual.map(({ exitLayer }) => exitLayer)).toEqual(expected.map(({ exitLayer }) => exitLayer));
});
