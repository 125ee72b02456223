import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TIER_PATH } from '../../core/protocol/socket';
import type { EngineStatus } from '../open-inference/open-inference-tier';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** What `/healthz` tells, as far as tests ask. */
export interface Health {
  readonly tiers: Readonly<Record<string, { layersRun: number; running: number; heldBytes: number }>>;
  /** A cloud elsewhere, and what is known of engines by variant. */
  readonly cloud: string | { readonly engines?: Readonly<Record<string, EngineStatus>> };
  /** Samples that were let in and have not left. */
  readonly inside: { readonly samples: number };
  readonly connections: number;
  readonly sockets: {
    readonly open: number;
    readonly unfinished: number;
    readonly silent: number;
    readonly unread: number;
  };
  readonly rssBytes: number;
}

/** A server in a process of its own, as people start it. */
export class ServerProcess {
  private constructor(
    private readonly child: ReturnType<typeof spawnServer>,
    readonly port: number,
    private readonly flags: readonly string[],
  ) {}

  /**
   * Resolves once it has printed its address and loaded its model.
   * @param logFile where its log goes, as a file descriptor.
   */
  static async start(
    flags: readonly string[],
    nodeFlags: readonly string[] = [],
    logFile?: number,
  ): Promise<ServerProcess> {
    const child = spawnServer(['--port', '0', ...flags], nodeFlags, logFile);
    const address = await lineWith(child.stdout, 'DIMEE Playground');
    if (child.stderr) await lineWith(child.stderr, ' loaded in ');
    return new ServerProcess(child, Number(/:(\d+)/.exec(address)?.[1]), flags);
  }

  /** Another one at the same address, once this one has ended. */
  startAgain(): Promise<ServerProcess> {
    return ServerProcess.start([...this.flags, '--port', `${this.port}`]);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}${TIER_PATH}`;
  }

  async health(): Promise<Health> {
    const response = await fetch(`http://127.0.0.1:${this.port}/healthz`);
    return (await response.json()) as Health;
  }

  /** Resolves with the exit code. */
  async stop(...signals: readonly NodeJS.Signals[]): Promise<number | null> {
    if (this.hasEnded) return this.child.exitCode;
    const exit = once(this.child, 'exit');
    for (const signal of signals.length > 0 ? signals : (['SIGTERM'] as const)) this.child.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }
}

/** Runs the server until it ends by itself, which it has 15 seconds for. */
export async function runToEnd(flags: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawnServer(flags);
  const overdue = setTimeout(() => child.kill('SIGKILL'), 15_000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(overdue);
  return { code, output };
}

function spawnServer(flags: readonly string[], nodeFlags: readonly string[] = [], logFile?: number) {
  return spawn(process.execPath, [...nodeFlags, '--import', 'tsx', MAIN, ...flags], {
    stdio: ['ignore', 'pipe', logFile ?? 'pipe'],
  }) as ChildProcessByStdio<null, Readable, Readable | null>;
}

/** The first line with these words. What follows is thrown away. */
async function lineWith(stream: Readable, words: string): Promise<string> {
  const heard: string[] = [];
  for await (const line of createInterface(stream)) {
    heard.push(line);
    if (line.includes('cannot be loaded')) break;
    if (!line.includes(words)) continue;
    stream.resume();
    return line;
  }
  throw new Error(`The server ended without “${words}”: ${heard.join(' / ')}`);
}
