import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../core/cost';
import { StateCodecs } from '../core/payload/state-codecs';
import { onlinePolicyById, OnlineRun, type OnlineStep } from '../core/online';
import { PolicyFiles } from '../core/trace/policy-files';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { OnnxRuntimes } from '../edge-server/runtimes';
import { ModelFolder } from '../edge-server/model-folder';
import { ServerProcess } from '../edge-server/testing/server-process';
import { optionsFor, readEvaluateOptions } from './evaluate-options';
import { Evaluation } from './evaluation';
import type { Learning } from './learning';
import { recordExits } from './recorded-run';
import type { Transport, Summary } from './report';

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

async function reportOf<Further = Transport>(...flags: readonly string[]): Promise<Summary & Further> {
  const { stdout, stderr } = await evaluate('--json', ...flags);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Summary & Further;
}

/** What the exits of the model that is shipped say of the rows, from this process. */
async function recordedHere() {
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const { manifest } = model;
  const read = model.read.bind(model);
  const evaluation = new Evaluation({
    ...optionsFor(readEvaluateOptions(['--task', 'sst2', '--file', file]), manifest),
    ...{ manifest, codecs: new StateCodecs(manifest, read), policyFiles: new PolicyFiles(manifest, read) },
    ...{ runtime: new OnnxRuntimes(model, 1).of('q8'), edge: undefined },
  });
  const [texts, gold] = [ROWS.map(([sentence]) => [sentence] as const), ROWS.map(([, label]) => label)];
  return (await recordExits(evaluation, texts, gold, { task: 'sst2', manifest })).recorded;
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

  test('runs a policy that learns over the exits of every row, as the same learner alone does', async () => {
    const flags = ['--file', file, '--policy', 'contextual-bandit', '--exploration', '0.6', '--seed', '4'];
    const report = await reportOf<Learning>(...flags, '--passes', '2', '--predictions', predictions);
    const run = new OnlineRun(await recordedHere(), {
      ...{
        policy: onlinePolicyById('contextual-bandit'),
        parameters: { exploration: 0.6 },
        costs: DEFAULT_COSTS,
        hidden: 384,
      },
      ...{ plan: { mobileLayers: 4, edgeLayers: 8 }, seed: 4, passes: 2 },
    });
    const steps: OnlineStep[] = [];
    run.advance(undefined, (step) => steps.push(step));
    expect(report).toMatchObject({
      ...{ rows: 12, seed: 4, passes: 2, accuracy: run.chosen.right / 12, regret: run.regret },
      policy: { id: 'contextual-bandit', parameters: { costWeight: 0.01, exploration: 0.6 } },
      accuracyAtLastExit: run.allCloud.right / 12,
      meanCost: expect.closeTo(run.chosen.cost / 12, 9),
      bestFixedChoice: { choice: run.arms[run.bestArm]?.name, accuracy: run.best.right / 12 },
      pulls: run.arms.map(({ name }, arm) => ({ choice: name, pulls: run.pulls[arm] })),
    });
    expect(report).not.toHaveProperty('p50Ms');
    const written = (await readFile(predictions, 'utf8')).trim().split('\n');
    const inOrder = [0, 6].flatMap((from) => steps.slice(from, from + 6).sort((one, other) => one.row - other.row));
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual(
      inOrder.map(({ row, tier, exitLayer, arm, isRight }, index) => ({
        ...{ index: row, pass: index < 6 ? 1 : 2, tier, exitLayer, choice: run.arms[arm]?.name },
        ...{ label: ['negative', 'positive'][isRight ? (ROWS[row]?.[1] ?? 2) : 1 - (ROWS[row]?.[1] ?? 2)] },
        confidence: expect.any(Number),
      })),
    );
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
    [['--sentences', sentences, '--policy', 'splitee'], 2, '“splitee” is judged by the right labels'],
    [['--file', file, '--policy', 'splitee', '--mobile-layers', '13'], 1, '--mobile-layers must be at most 12'],
    [['--file', file, '--task', 'poetry'], 1, 'The model has no task “poetry”.'],
    [['--file', file, '--mobile-threshold', '1', '--edge-url', 'ws://127.0.0.1:9'], 1, 'does not answer'],
  ])('with %j ends and says why', async (flags, code, message) => {
    const end = await evaluate(...flags);
    expect(end).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
