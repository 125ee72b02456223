import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, open, results, runSentences, SENTENCES, test } from './playground';

const root = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);

interface Prediction {
  readonly label: string;
  readonly exitLayer: number;
  readonly tier: string;
}

/** What the command line says of sentences under a policy. */
async function commandLine(policy: string, task: string, sentences: readonly string[]): Promise<readonly Prediction[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dimee-e2e-'));
  const [input, output] = [join(folder, 'sentences.txt'), join(folder, 'predictions.jsonl')];
  await writeFile(input, sentences.join('\n'));
  const args = ['--policy', policy, '--task', task, '--sentences', input, '--predictions', output];
  await execute(process.execPath, ['--import', 'tsx', 'cli/evaluate.ts', ...args], { cwd: root });
  const lines = (await readFile(output, 'utf8')).trim().split('\n');
  await rm(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Prediction);
}

const sentences = SENTENCES.MNLI;

test('DIMEE pools send each sentence whole to the tier that the command line sends it to', async ({ page, server }) => {
  await open(page, server, '#v=1&policy=dimee-pools');
  await runSentences(page, 'MNLI', sentences);
  const expected = await commandLine('dimee-pools', 'mnli', sentences);
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
  await open(page, server, '#v=1&policy=fusion');
  await runSentences(page, 'MNLI', sentences);
  const expected = await commandLine('fusion', 'mnli', sentences);
  const actual = await results(page);
  expect(actual.map(({ prediction }) => prediction)).toEqual(expected.map(({ label }) => label));
  expect(actual.map(({ exitLayer }) => exitLayer)).toEqual(expected.map(({ exitLayer }) => exitLayer));
});
