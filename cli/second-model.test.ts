import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { ServerProcess } from '../edge-server/testing/server-process';
import type { Transport, Summary } from './report';

/* A model that shares nothing with the shipped one but its format: three layers, 32 numbers, one variant, another task. */

const run = promisify(execFile);
const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const model = local('../core/testing/models/tiny-topics');
const folder = await mkdtemp(join(tmpdir(), 'dimee-topics-'));
const file = join(folder, 'topics.tsv');
const ROWS = [
  ['The team won the match.', 0],
  ['Rain fell on the coast.', 1],
  ['The bank raised its prices.', 2],
  ['The goalkeeper saved the match.', 0],
] as const;
await writeFile(file, `sentence\tlabel\n${ROWS.map((row) => row.join('\t')).join('\n')}\n`);
const server = await ServerProcess.start(['--model', model]);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function command(name: string, ...flags: readonly string[]): Promise<string> {
  const argv = ['--import', 'tsx', local(name), '--model', model, '--task', 'topic', ...flags];
  return (await run(process.execPath, argv, { timeout: 30_000 })).stdout;
}

async function evaluate(...flags: readonly string[]): Promise<Summary & Transport> {
  return JSON.parse(await command('evaluate.ts', '--file', file, '--json', ...flags)) as Summary & Transport;
}

describe('a second model', () => {
  test('runs through all tiers in one process, with a plan and a variant of its own', async () => {
    const report = await evaluate('--mobile-threshold', '1', '--edge-threshold', '1');
    expect(report).toMatchObject({
      ...{ task: 'topic', rows: 4, exitsByLayer: [0, 0, 4], exitsByTier: { mobile: 0, edge: 0, cloud: 4 } },
      ...{ plan: { mobileLayers: 1, edgeLayers: 2 }, model: { id: 'tiny-topics', variant: 'fp16' } },
    });
  });

  test('gives the same answers over a server that runs its deeper layers', async () => {
    const flags = ['--mobile-threshold', '1', '--edge-threshold', '0.5', '--payload', 'float32'];
    const [here, there] = [await evaluate(...flags), await evaluate(...flags, '--edge-url', server.url)];
    const { edgeUrl, bytesDown, p50Ms, p95Ms, ...same } = there;
    expect(here).toMatchObject({ ...same, bytesUp: expect.any(Number) });
    expect([edgeUrl, bytesDown > 0, p50Ms > 0, p95Ms > 0]).toEqual([server.url, true, true, true]);
  });

  test('reads labels by the names of its own classes', async () => {
    const words = join(folder, 'words.csv');
    const named = ROWS.map(([text, label]) => `"${text}",${['Sports', 'weather', 'money'][label]}`);
    await writeFile(words, `text,topic\n${named.join('\n')}\n`);
    const { accuracy, exitsByLayer } = await evaluate();
    const report: unknown = JSON.parse(await command('evaluate.ts', '--file', words, '--json'));
    expect(report).toMatchObject({ accuracy, exitsByLayer, file: { warnings: [], leftOut: [] } });
    const open = await command('evaluate.ts', '--file', words, '--labels', 'money=travel').catch(
      (error: unknown) => error,
    );
    expect(open).toMatchObject({ stderr: expect.stringContaining('Its classes are: sport, weather, money') });
  });

  test('takes policies whose parameters count layers within its own', async () => {
    expect((await evaluate('--policy', 'patience')).policy.parameters).toEqual({ patience: 3 });
    const failure = await evaluate('--policy', 'patience', '--patience', '4').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('Patience must be from 0 to 3, not 4.') });
  });

  test('is compared under every policy', async () => {
    const { tasks } = JSON.parse(await command('compare.ts', '--format', 'json')) as {
      tasks: { policy: string; missing: string | null; result: unknown }[];
    };
    expect(tasks.length).toBeGreaterThan(25);
    for (const { policy, missing, result } of tasks) expect(missing ?? result, policy).toBeTruthy();
    // Its pools come without those of training dynamics, and the table says so.
    const lacking = tasks.flatMap(({ policy, missing }) => (missing === null ? [] : [`${policy}: ${missing}`]));
    expect(lacking).toEqual([expect.stringMatching(/^dimec-dc-pools: distances to its pools/)]);
  });
});
