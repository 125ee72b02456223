import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('compare.ts', import.meta.url));

/** Runs the command as people do, on the model that is shipped. */
function compare(...flags: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...flags], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('npm run compare', () => {
  test('prints the same table each time', async () => {
    const flags = ['--task', 'rte', '--policy', 'all-cloud'];
    const [one, two] = await Promise.all([compare(...flags), compare(...flags)]);
    expect(one).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Parameters are the cheapest/) });
    expect(one.stdout).toMatch(/\| rte +\| All cloud +\| \d\d\.\d\d +\| 0\.00 \(0\.00 to 0\.00\) +\| 0\.0 \(/);
    expect(two.stdout).toBe(one.stdout);
  }, 90_000);

  test.each([
    [['--model', '/nowhere'], 1, 'There is no model at /nowhere'],
    [['--task', 'poetry'], 1, 'The model has no task “poetry”.'],
    [['--edge-layers', '20'], 1, '--edge-layers must be at most 12'],
    [['--edge-layers', '0'], 2, '--edge-layers must be a whole number'],
  ])('with %j ends and says why', async (flags, code, message) => {
    expect(await compare(...flags)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
