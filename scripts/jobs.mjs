import { spawn } from 'node:child_process';
import { root } from './setup.mjs';

/* Commands side by side. What each prints is kept apart and comes in the order of the list. */

const isWindows = process.platform === 'win32';
/** How long a job that was told to end may clear up. */
const PATIENCE_MS = 5000;
const running = new Set();
process.on('exit', () => {
  for (const child of running) end(child, 'SIGKILL');
});

/**
 * Runs jobs, at most so many at once, started in the order of the list.
 * Each is `{ name, command, args, environment?, result }`; `result` makes of an exit status what is returned with name and seconds.
 */
export async function inParallel(jobs, most) {
  const printer = new Printer(jobs.length);
  const results = [];
  const waiting = jobs.entries();
  const work = async () => {
    for (const [index, job] of waiting) {
      const startedAt = performance.now();
      printer.print(index, `\n▶ ${job.name}\n`);
      const status = await run(job, (text) => void printer.print(index, text));
      printer.end(index);
      results[index] = { name: job.name, seconds: (performance.now() - startedAt) / 1000, ...job.result(status) };
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  return results;
}

/** Ends all jobs with all that they have started. */
export async function endJobs(signal) {
  const ended = Promise.all([...running].map((child) => new Promise((resolve) => child.once('close', resolve))));
  for (const child of running) end(child, signal);
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  for (const child of running) end(child, 'SIGKILL');
}

function run({ command, args, environment }, print) {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...{ cwd: root, env: { ...process.env, ...color, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
      // In a group of its own, which can be ended as a whole.
      ...{ detached: !isWindows, shell: isWindows && command === 'npm' },
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.once('error', ({ message }) => {
      print(`${message}\n`);
      running.delete(child);
      resolve(1);
    });
    child.once('close', (status) => {
      running.delete(child);
      resolve(status ?? 1);
    });
  });
}

function end(child, signal) {
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Prints the first unfinished job as it goes, and keeps what the others say until it is their turn. */
class Printer {
  #current = 0;
  #kept;
  #ended = new Set();

  constructor(jobs) {
    this.#kept = Array.from({ length: jobs }, () => '');
  }

  print(index, text) {
    if (index === this.#current) process.stdout.write(text);
    else this.#kept[index] += text;
  }

  end(index) {
    this.#ended.add(index);
    while (this.#ended.has(this.#current)) {
      this.#current++;
      process.stdout.write(this.#kept[this.#current] ?? '');
    }
  }
}
