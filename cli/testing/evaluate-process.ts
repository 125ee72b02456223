import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Account, Summary, Transport } from '../report';

const MAIN = fileURLToPath(new URL('../evaluate.ts', import.meta.url));

/** Sentences of our own and their labels. */
export const ROWS = [
  ['A warm, funny film that never wastes a scene.', 1],
  ['Dull, loud and far too long.', 0],
  ['One hardly knows what to make of it.', 0],
  ['It is not without its charms, though they are few and far between.', 0],
  ['The best thing on any screen this year.', 1],
  ['"Quoted" it may be, but it is wonderful all the same.', 1],
] as const;

/** Runs the command as people do. */
export function evaluate(...flags: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const argv = ['--import', 'tsx', MAIN, '--task', 'sst2', ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** What a run prints as JSON, which says nothing else. */
export async function reportOf<Further = Transport>(...flags: readonly string[]): Promise<Summary & Further> {
  const { stdout, stderr } = await evaluate('--json', ...flags);
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Summary & Further;
}

/** A run under way, which writes its rows to a file as they come. */
export function beginEvaluate(...flags: readonly string[]) {
  const argv = ['--import', 'tsx', MAIN, '--task', 'sst2', '--json', ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors]: string[][] = [[], []];
  child.stdout.on('data', (text) => output?.push(String(text)));
  child.stderr.on('data', (text) => errors?.push(String(text)));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    report: JSON.parse(output?.join('') ?? '') as Summary & Transport & Account,
    stderr: errors?.join('') ?? '',
  }));
  return { child, ended };
}
