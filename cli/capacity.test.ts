import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('capacity.ts', import.meta.url));

/** Runs the command as people do, on the model that is shipped. */
function plan(...flags: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...flags], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('npm run plan', () => {
  test('goes by the costs of the machine that it is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dimee-plan-'));
    const file = join(folder, 'costs.json');
    // A quarter of what was measured for the default.
    await writeFile(
      file,
      '{"name":"capacity","costs":{"perCallMs":0.09,"perTokenMs":0.005,"perPairMs":0,"variation":0,"aroundMs":0.4}}',
    );
    const flags = ['--cores', '1', '--users', '77', '--p95', '200', '--json'];
    const [slow, quick] = (await Promise.all([plan(...flags), plan(...flags, '--costs', file)])).map(
      ({ stdout }) => JSON.parse(stdout) as { usersPerEdge: number; machines: { users: number; edges: number }[] },
    );
    await rm(folder, { recursive: true });
    expect((quick?.usersPerEdge ?? 0) / (slow?.usersPerEdge ?? 1)).toBeGreaterThan(3);
    expect(slow?.machines[0]).toMatchObject({ users: 77, edges: 1 });
    expect(slow?.machines.at(-1)?.users).toBe(1_000_000);
  }, 60_000);

  test.each([
    [['--p95', '1'], 1, 'Allow more time'],
    [['--costs', '/nowhere'], 1, '/nowhere cannot be read'],
    [['--costs', fileURLToPath(new URL('../package.json', import.meta.url))], 1, 'has no number “costs.perCallMs”'],
    [['--users', 'many'], 2, '--users must be a whole number'],
    [['--cloud', 'there'], 2, '--cloud must be'],
  ])('with %j ends and says why', async (flags, code, message) => {
    expect(await plan(...flags)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
