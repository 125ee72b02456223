import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Ray's eight, and those of gRPC and HTTP. */
const PORTS = 10;
/** Below those that systems hand out, above those that Ray's workers take. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];
/** As `npm run cluster -- status` prints a process. */
const PROCESS = /^\s*(\d+)\s+(\d+) MB\s+(.*)$/gm;
const REPLICA = 'ray::ServeReplica';

interface Running {
  readonly pid: number;
  readonly megabytes: number;
  readonly command: string;
}

/** A node of an engine on this machine, started, watched and stopped by the cluster's own commands. */
export class EngineNode {
  private constructor(
    private readonly command: 'head' | 'join',
    private readonly words: readonly string[],
    private readonly firstPort: number,
    private readonly parent: string,
  ) {}

  /** @param words of the command, beside ports and folder. */
  static async start(command: 'head' | 'join', words: readonly string[]): Promise<EngineNode> {
    const parent = await mkdtemp(join(tmpdir(), 'dimee-e-'));
    const node = new EngineNode(command, words, await freePorts(PORTS), parent);
    await node.start();
    return node;
  }

  /** Where edges ask it, if it is a head. */
  get url(): string {
    return `grpc://127.0.0.1:${this.firstPort + 8}`;
  }

  /** Where others join it. */
  addressAt(host: string): string {
    return `${host}:${this.firstPort}`;
  }

  /** Starts it, and again at the same ports once it was stopped. */
  async start(): Promise<void> {
    const ofHead = [`--grpc-port=${this.firstPort + 8}`, `--http-port=${this.firstPort + 9}`];
    const ports = [`--first-port=${this.firstPort}`, ...(this.command === 'head' ? ofHead : [])];
    await this.#run(this.command, ...ports, ...this.words);
  }

  /** The replicas' processes. */
  async replicas(): Promise<readonly Running[]> {
    return (await this.#processes()).filter(({ command }) => command.startsWith(REPLICA));
  }

  async stop(): Promise<void> {
    await this.#run('stop');
  }

  /** What ends all that runs of it now, as if its power were cut. */
  async killer(): Promise<() => void> {
    const all = await this.#processes();
    return () => all.forEach(({ pid }) => signal(pid, 'SIGKILL'));
  }

  /** Ends what runs and deletes what was written. */
  async clear(): Promise<void> {
    await this.stop();
    await rm(this.parent, { recursive: true, force: true });
  }

  async #processes(): Promise<readonly Running[]> {
    const found = (await this.#run('status')).matchAll(PROCESS);
    return [...found].map(([, pid, megabytes, command = '']) => ({
      ...{ pid: Number(pid), megabytes: Number(megabytes), command },
    }));
  }

  /** What a command prints. Clients need no token here, whatever the environment says. */
  async #run(command: string, ...words: readonly string[]): Promise<string> {
    const all = [join(ROOT, 'scripts/cluster.mjs'), command, `--folder=${join(this.parent, 'node')}`, ...words];
    const env = { ...process.env, DIMEE_CLUSTER_TOKEN: '' };
    const child = spawn(process.execPath, all, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)));
    const [code] = (await once(child, 'close')) as [number | null];
    // Of a node of which nothing runs.
    if (code === 0 || command === 'status') return printed;
    throw new Error(`npm run cluster -- ${command} ended with ${code}: ${printed}`);
  }
}

/** Signals a process that may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The first of so many ports in a row at which nobody listens. */
async function freePorts(count: number): Promise<number> {
  const offset = (process.pid % 1000) * count;
  for (let first = FIRST_PORT + offset; first + count <= LAST_PORT; first += count) {
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`No ${count} ports in a row are free below ${LAST_PORT}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
