import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sum } from 'd3-array';

const PROCESS = fileURLToPath(new URL('bare-process.ts', import.meta.url));
const ROUNDS = 8;

/** Samples a second that the runtime alone does for the edge's layers in ideal batches, on all cores at once. */
export async function bareRate(variant: string, batch: number): Promise<number> {
  const processes = Array.from({ length: availableParallelism() }, () =>
    fork(PROCESS, [variant, `${batch}`, `${ROUNDS}`], { execArgv: ['--import', 'tsx'] }),
  );
  await Promise.all(processes.map(heard));
  const rates = processes.map(heard);
  for (const process of processes) process.send('go');
  return sum(await Promise.all(rates), Number);
}

function heard(process: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    process.once('message', resolve);
    process.once('exit', () => reject(new Error('A bare loop ended early.')));
  });
}
