import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const COMMAND = fileURLToPath(new URL('../../scripts/cluster.mjs', import.meta.url));
const NODE_PORTS = 8;
/** Ray's own lie outside, and those that systems hand out. */
const [FIRST_PORT, LAST_PORT] = [20_000, 31_000];

/** Ray Serve on this machine, as `npm run cluster -- head` starts it, in a folder and at ports of its own. */
export class EngineProcess {
  private constructor(
    private readonly folder: string,
    readonly url: string,
  ) {}

  /** @param flags of `head`. @throws Error with what the command says, where it cannot be started here. */
  static async start(flags: readonly string[]): Promise<EngineProcess> {
    // Short: sockets lie in it.
    const folder = await mkdtemp(join(tmpdir(), 'dc-'));
    const first = await freePorts(NODE_PORTS + 2);
    const [grpc, http] = [first + NODE_PORTS, first + NODE_PORTS + 1];
    const ports = [`--first-port=${first}`, `--grpc-port=${grpc}`, `--http-port=${http}`];
    const engine = new EngineProcess(folder, `grpc://127.0.0.1:${grpc}`);
    try {
      await engine.#command('head', ...ports, ...flags);
      return engine;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#command('stop');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #command(...words: readonly string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [COMMAND, ...words, `--folder=${join(this.folder, 'node')}`]);
  }
}

/** The first of so many ports in a row at which nobody listens. */
async function freePorts(count: number): Promise<number> {
  for (let first = FIRST_PORT + (process.pid % 500) * count; first + count < LAST_PORT; first += count) {
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`No ${count} ports in a row are free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '0.0.0.0');
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
