import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Cores of this machine that nobody uses, on average over some milliseconds: what a bench could have had. */
export async function freeCores(overMs = 2000): Promise<number> {
  const before = idleMs();
  await sleep(overMs);
  const after = idleMs();
  return (cpus().length * (after.idle - before.idle)) / Math.max(after.all - before.all, 1);
}

function idleMs(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((time) => Object.values(time))) };
}
