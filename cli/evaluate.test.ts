import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../core/cost';
import { StateCodecs } from '../core/payload/state-codecs';
import { onlinePolicyById, OnlineRun, type OnlineStep } from '../core/online';
import { PolicyFiles } from '../core/trace/policy-files';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { OnnxRuntimes } from '../edge-server/runtimes';
import { ModelFolder } from '../edge-server/model-folder';
import type { TraceEvent } from '../core/timeline/trace-events';
import { ServerProcess } from '../edge-server/testing/server-process';
import { optionsFor, readEvaluateOptions } from './evaluate-options';
import { Evaluation } from './evaluation';
import type { Learning } from './learning';
import { recordExits } from './recorded-run';
import type { Account } from './report';
import { evaluate, reportOf, ROWS } from './testing/evaluate-process';

const folder = await mkdtemp(join(tmpdir(), 'dimee-evaluate-'));
const file = join(folder, 'dev.tsv');
const sentences = join(folder, 'sentences.txt');
const predictions = join(folder, 'predictions.jsonl');
const server = await ServerProcess.start([]);

await writeFile(file, `sentence\tlabel\n${ROWS.map((row) => row.join('\t')).join('\n')}\n`);
await writeFile(sentences, ROWS.map(([sentence]) => sentence).join('\n'));

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** What the exits of the model that is shipped say of the rows, from this process. */
async function recordedHere() {
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const { manifest } = model;
  const read = model.read.bind(model);
  const evaluation = new Evaluation({
    ...optionsFor(readEvaluateOptions(['--task', 'sst2', '--file', file]), manifest),
    ...{ manifest, codecs: new StateCodecs(manifest, read), policyFiles: new PolicyFiles(manifest, read) },
    ...{ runtime: new OnnxRuntimes(model, { threads: 1 }).of('q8'), edge: undefined },
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
      policy: { id: 'confidence', parameters: { mobileThreshold: 0.95, edgeThreshold: 0.68, cloudThreshold: 1 } },
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

  test('writes where the time of every row went, on this machine and at the edge', async () => {
    const timeline = join(folder, 'timeline.json');
    const flags = ['--mobile-threshold', '1', '--edge-threshold', '0.95', '--timeline', timeline];
    const report = await reportOf('--file', file, ...flags, '--edge-url', server.url);
    const { traceEvents } = JSON.parse(await readFile(timeline, 'utf8')) as { traceEvents: TraceEvent[] };
    const ran = (pid: number, name: string) =>
      traceEvents.filter((event) => event.pid === pid && event.name === name).length;
    expect([ran(1, 'layer 4'), ran(2, 'layer 5'), ran(1, 'layer 5')]).toEqual([6, 6, 0]);
    expect(ran(3, 'layer 9')).toBe(report.exitsByTier.cloud);
    expect([ran(1, 'encode'), ran(1, 'wire up'), ran(1, 'wire down'), ran(2, 'decode')]).toEqual([6, 6, 6, 6]);
    // The row of names is the first line.
    expect([ran(1, 'line 2') > 0, ran(1, 'line 7') > 0, ran(1, 'line 8')]).toEqual([true, true, 0]);
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
        ...{ confidence: expect.any(Number), tokens: expect.any(Number), tokensRead: expect.any(Number) },
        tokensUnknown: 0,
      })),
    );
  });

  test('says what was cut, unknown or no sentence, and lets no line stop another', async () => {
    const mixed = join(folder, 'mixed.txt');
    const lines = ['\u200b\u200d', 'A fine film.', 'x '.repeat(5001), '🦉🦉🦉', 'It goes on '.repeat(60), '🦉 fine'];
    await writeFile(mixed, lines.join('\n'));
    const { code, stdout, stderr } = await evaluate('--sentences', mixed, '--predictions', predictions);
    expect([code, stderr]).toEqual([
      0,
      '1 row does not fit and is left out; line 3 is too long: a sentence may have 10,000 characters.\n',
    ]);
    expect(stdout).toMatch(/Task +sst2, 3 rows\n/);
    expect(stdout).toMatch(/Of the texts +1 cut, 1 a third or more unknown, 2 without a known token\n/);
    const rows = (await readFile(predictions, 'utf8')).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
      expect.objectContaining({ index: 1, tokens: 6, tokensRead: 6, tokensUnknown: 0 }),
      expect.objectContaining({ index: 3, tokens: 182, tokensRead: 128, tokensUnknown: 0 }),
      expect.objectContaining({ index: 4, tokens: 4, tokensRead: 4, tokensUnknown: 1 }),
      { index: 0, label: null, reason: 'NO_KNOWN_TOKEN' },
      { index: 2, label: null, reason: 'NO_KNOWN_TOKEN' },
    ]);
  });

  test('needs no labels, and prints a table', async () => {
    const { stdout } = await evaluate('--sentences', sentences, '--limit', '3', '--policy', 'all-mobile');
    expect(stdout).toMatch(/Task +sst2, 3 rows\n/);
    expect(stdout).toMatch(/Exits by layer +0 0 0 3 0 0 0 0 0 0 0 0\n/);
    expect(stdout).toMatch(/Agreement with the last exit/);
    expect(stdout).not.toContain('Accuracy');
  });

  test('reads what people have as the page does, and says how', async () => {
    const csv = join(folder, 'words.csv');
    const quoted = ROWS.map(([text, label], row) => `${row},"${text.replaceAll('"', '""')}",${label ? 'pos' : 'neg'}`);
    await writeFile(csv, `\uFEFFidx,sentence,label\r\n${quoted.join('\r\n')}\r\n`, 'utf16le');
    const [plain, words] = [await reportOf('--file', file), await reportOf<Account>('--file', csv)];
    const { accuracy, exitsByLayer, bytesUp } = plain;
    expect(words).toMatchObject({ accuracy, exitsByLayer, bytesUp, missing: 0, problem: null, otherOrder: null });
    expect(words.file).toEqual({
      name: 'words.csv',
      understood: [
        'Columns: sentence is “sentence”, the label is “label”. Not used: “idx”.',
        'Labels: pos → positive (3 rows), neg → negative (3 rows).',
      ],
      ...{ warnings: [], leftOut: [] },
    });
  });

  test('says that the labels are in another order, and what to give', async () => {
    const reversed = join(folder, 'reversed.tsv');
    const rows = Array.from({ length: 24 }, (_, row) => (row % 2 ? ROWS[0] : ROWS[1]));
    await writeFile(reversed, `text\tlabel\n${rows.map(([text, label]) => `${text}\t${2 - label}`).join('\n')}\n`);
    const { stdout } = await evaluate('--file', reversed);
    expect(stdout).toMatch(/24 of 24 rows would be right, not 0. Give --labels "1=positive,2=negative"/);
    const report = await reportOf<Account>('--file', reversed, '--labels', '2=negative,1=positive');
    expect(report).toMatchObject({ accuracy: 1, otherOrder: null });
  });

  test('runs a test split without labels, and says so before and after', async () => {
    const unlabelled = join(folder, 'test.tsv');
    await writeFile(unlabelled, `sentence\tlabel\n${ROWS.map(([text]) => `${text}\t-1`).join('\n')}\n`);
    const { code, stdout, stderr } = await evaluate('--file', unlabelled);
    expect([code, stderr]).toEqual([0, expect.stringContaining('as in a test split')]);
    expect(stdout).toContain('as in a test split');
    expect(stdout).not.toContain('Accuracy');
    const judged = await evaluate('--file', unlabelled, '--policy', 'splitee');
    expect(judged).toMatchObject({ code: 2, stderr: expect.stringContaining('is judged by the right labels') });
  });

  test.each([
    [['--file', '/nowhere.tsv'], 2, 'The file /nowhere.tsv cannot be read.'],
    [['--file', file, '--results', join(folder, 'nowhere', 'a.tsv')], 2, 'there is no folder'],
    [['--file', file, '--predictions', folder], 2, 'it is a folder'],
    [['--file', file, '--results', file], 2, '--file is the same file'],
    [['--file', file, '--results', sentences], 2, 'has rows of a run already'],
    [['--file', file, '--label-column', 'verdict'], 2, 'There are: sentence, label'],
    [['--sentences', sentences, '--policy', 'splitee'], 2, '“splitee” is judged by the right labels'],
    [['--file', file, '--policy', 'splitee', '--mobile-layers', '13'], 1, '--mobile-layers must be at most 12'],
    [['--file', file, '--task', 'poetry'], 1, 'The model has no task “poetry”.'],
    [['--file', file, '--mobile-threshold', '1', '--edge-url', 'ws://127.0.0.1:9'], 1, 'does not answer'],
  ])('with %j ends and says why', async (flags, code, message) => {
    const end = await evaluate(...flags);
    expect(end).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
