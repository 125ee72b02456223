import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ServerProcess } from '../edge-server/testing/server-process';
import type { Report } from './report';

const MAIN = fileURLToPath(new URL('evaluate.ts', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'dimee-evaluate-'));
const file = join(folder, 'dev.tsv');
const sentences = join(folder, 'sentences.txt');
const predictions = join(folder, 'predictions.jsonl');
const server = await ServerProcess.start([]);

const ROWS = [
  ['A warm, funny film that never wastes a scene.', 1],
  ['Dull, loud and far too long.', 0],
  ['One hardly knows what to make of it.', 0],
  ['It is not without its charms, though they are few and far between.', 0],
  ['The best thing on any screen this year.', 1],
  ['"Quoted" it may be, but it is wonderful all the same.', 1],
] as const;
await writeFile(file, `sentence\tlabel\n${ROWS.map((row) => row.join('\t')).join('\n')}\n`);
await writeFile(sentences, ROWS.map(([sentence]) => sentence).join('\n'));

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Runs the command as people do. */
function evaluate(...flags: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const argv = ['--import', 'tsx', MAIN, '--task', 'sst2', ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function reportOf(...flags: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await evaluate('--json', ...flags);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
}

describe('npm run evaluate', () => {
  test('prints one JSON object, and a line for each row into a file', async () => {
    const report = await reportOf('--file', file, '--predictions', predictions);
    expect(report).toMatchObject({
      task: 'sst2',
      rows: 6,
      accuracy: expect.any(Number),
      exitsByLayer: expect.objectContaining({ length: 12 }),
      allCloudCost: 17,
      bytesUp: expect.any(Number),
      model: { id: expect.any(String), hash: expect.stringMatching(/^[0-9a-f]{64}$/), variant: 'q8' },
      policy: { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 1 } },
      plan: { mobileLayers: 4, edgeLayers: 8 },
      payload: 'int8',
      edgeUrl: null,
    });
    const lines = (await readFile(predictions, 'utf8')).trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as { index: number; label: string; exitLayer: number });
    const right = rows.filter(({ index, label }) => label === ['negative', 'positive'][ROWS[index]?.[1] ?? 2]);
    expect(right.length / 6).toBeCloseTo(report.accuracy ?? Number.NaN, 12);
    const atLayer = (layer: number) => rows.filter(({ exitLayer }) => exitLayer === layer).length;
    expect(Array.from({ length: 12 }, (_, index) => atLayer(index + 1))).toEqual(report.exitsByLayer);
    expect(lines.join()).not.toContain('film');
  });

  test('says the same of an edge server as of tiers in its process', async () => {
    const flags = ['--file', file, '--mobile-threshold', '1', '--edge-threshold', '0.95', '--payload', 'float16'];
    const [apart, together] = [await reportOf(...flags, '--edge-url', server.url), await reportOf(...flags)];
    const { exitsByLayer, accuracy, agreementWithLastExit, exitsByTier } = together;
    expect(apart).toMatchObject({ exitsByLayer, accuracy, agreementWithLastExit, exitsByTier, edgeUrl: server.url });
    expect(exitsByTier.mobile).toBe(0);
    // Besides the frames, the infer and its framing.
    expect(apart.bytesUp).toBeGreaterThan(together.bytesUp);
    expect(apart.bytesDown).toBeGreaterThan(0);
  });

  test('needs no labels, and prints a table', async () => {
    const { stdout } = await evaluate('--sentences', sentences, '--limit', '3', '--policy', 'all-mobile');
    expect(stdout).toMatch(/Task +sst2, 3 rows\n/);
    expect(stdout).toMatch(/Exits by layer +0 0 0 3 0 0 0 0 0 0 0 0\n/);
    expect(stdout).toMatch(/Agreement with the last exit/);
    expect(stdout).not.toContain('Accuracy');
  });

  test.each([
    [['--file', '/nowhere.tsv'], 2, 'The file /nowhere.tsv cannot be read.'],
    [['--file', file, '--task', 'poetry'], 1, 'The model has no task “poetry”.'],
    [['--file', file, '--mobile-threshold', '1', '--edge-url', 'ws://127.0.0.1:9'], 1, 'does not answer'],
  ])('with %j ends and says why', async (flags, code, message) => {
    const end = await evaluate(...flags);
    expect(end).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
