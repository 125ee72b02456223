import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { ServerProcess } from '../edge-server/testing/server-process';
import { beginEvaluate, reportOf, ROWS } from './testing/evaluate-process';

const folder = await mkdtemp(join(tmpdir(), 'dimee-evaluate-'));
const predictions = join(folder, 'predictions.jsonl');
afterAll(() => rm(folder, { recursive: true }));

describe('a run that lasts', { timeout: 60_000 }, () => {
  const many = join(folder, 'many.tsv');
  const results = join(folder, 'results.tsv');
  const COUNT = 240;
  const lines = Array.from({ length: COUNT }, (_, row) => `${ROWS[row % 6]?.[0]} Row ${row}.\t${ROWS[row % 6]?.[1]}`);
  const written = () => (existsSync(results) ? readFileSync(results, 'utf8').split('\n').length - 2 : 0);

  const begin = (...flags: readonly string[]) => beginEvaluate('--file', many, '--results', results, ...flags);

  test('is interrupted and reports on what is there; resumed, it runs the rest alone and says the same as one run', async () => {
    await writeFile(many, `sentence\tlabel\n${lines.join('\n')}\n`);
    const { child, ended } = begin('--predictions', predictions);
    await vi.waitUntil(() => written() > 10, { timeout: 30_000 });
    child.kill('SIGINT');
    const { code, report, stderr } = await ended;
    expect(code).toBe(130);
    expect(report.rows).toBe(written());
    expect(report).toMatchObject({ missing: COUNT - report.rows, problem: 'It was interrupted.' });
    expect(stderr).toContain(`The report is of ${report.rows} of ${COUNT} rows: ${report.missing} are missing.`);
    const before = readFileSync(results, 'utf8');

    const other = await begin('--resume', '--mobile-threshold', '0.8').ended.catch(() => undefined);
    expect(other).toBeUndefined();
    const whole = await begin('--resume', '--predictions', predictions).ended;
    expect([whole.code, whole.stderr, whole.report.rows]).toEqual([0, '', COUNT]);
    expect(readFileSync(results, 'utf8').startsWith(before)).toBe(true);
    expect(readFileSync(predictions, 'utf8').trim().split('\n')).toHaveLength(COUNT);
    const { accuracy, exitsByLayer, bytesUp, meanCost, agreementWithLastExit } = await reportOf('--file', many);
    expect(whole.report).toMatchObject({ accuracy, exitsByLayer, bytesUp, agreementWithLastExit });
    expect(whole.report.meanCost).toBeCloseTo(meanCost, 5);
  });

  test('outlives an edge that is started anew, and gives up on one that stays away', async () => {
    await rm(results);
    const first = await ServerProcess.start([]);
    const flags = ['--edge-url', first.url, '--mobile-threshold', '1'];
    const { ended } = begin(...flags);
    await vi.waitUntil(() => written() > 10, { timeout: 30_000 });
    await first.stop('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(written()).toBeLessThan(COUNT);
    const second = await ServerProcess.start(['--port', String(first.port)]);
    const { code, report, stderr } = await ended;
    expect(stderr).toMatch(/does not answer. Waiting for up to 120 s.\nGoes on after \d+ s.\n$/);
    expect([code, report.rows, report.missing, written()]).toEqual([0, COUNT, 0, COUNT]);

    await rm(results);
    const again = begin(...flags, '--give-up-after', '1');
    await vi.waitUntil(() => written() > 10, { timeout: 30_000 });
    await second.stop('SIGKILL');
    const given = await again.ended;
    expect([given.code, given.report.rows]).toEqual([1, written()]);
    expect(given.report.problem).toContain('Gave up after 1 s');
    expect(given.stderr).toContain('Go on with --resume.');
  });
});
