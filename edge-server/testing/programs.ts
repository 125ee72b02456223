import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Whether the system has a program, by the flag that has it say its version. */
export function isInstalled(program: string, ...flags: readonly string[]): boolean {
  return spawnSync(program, flags, { stdio: 'ignore' }).status === 0;
}

/** A program of the system that listens, with files in a folder of its own. */
export interface Program {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a program that listens on the port it is given, and resolves once it does. */
export async function startProgram(
  files: (port: number, folder: string) => Readonly<Record<string, string>>,
  command: (port: number, folder: string) => readonly [program: string, ...args: string[]],
): Promise<Program> {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'dimee-program-'))];
  for (const [name, text] of Object.entries(files(port, folder))) await writeFile(join(folder, name), text);
  const [program, ...args] = command(port, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  const close = () => end(child, folder);
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (child.exitCode === null && tries < 200) await setTimeout(50);
    else {
      await close();
      throw new Error(`${program} does not listen on ${port}: ${complaint}`);
    }
  }
  return { port, close };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGTERM');
  await exit;
  await rm(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
