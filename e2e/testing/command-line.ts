import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

export interface Prediction {
  readonly label: string;
  readonly exitLayer: number;
  readonly tier: string;
}

/** What a command of cli/ prints. */
export async function printed(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ['--import', 'tsx', `cli/${command}.ts`, ...args], { cwd: root });
  return stdout;
}

/** What the command line says of sentences, under a policy where one is given. */
export async function predictionsOfCommandLine(
  task: string,
  sentences: readonly string[],
  policy?: string,
): Promise<readonly Prediction[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dimee-e2e-'));
  const [input, output] = [join(folder, 'sentences.txt'), join(folder, 'predictions.jsonl')];
  await writeFile(input, sentences.join('\n'));
  const flags = ['--task', task, ...(policy ? ['--policy', policy] : [])];
  await printed('evaluate', ...flags, '--sentences', input, '--predictions', output);
  const lines = (await readFile(output, 'utf8')).trim().split('\n');
  await rm(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Prediction);
}
