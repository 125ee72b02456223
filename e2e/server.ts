import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the tests read of `/healthz`. */
export interface Health {
  readonly tiers: Readonly<Record<string, { readonly layersRun: number }>>;
  /** Binary frames received so far. */
  readonly tensorFrames: number;
}

/** The real server in a process of its own, which can be killed and started again at the same address. */
export class Server {
  #process: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<Server> {
    const server = new Server(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  async start(): Promise<void> {
    const args = ['--import', 'tsx', 'edge-server/main.ts', '--port', `${this.port}`];
    this.#process = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    for (let attempt = 0; attempt < 150; attempt++) {
      if (await this.health().catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The server did not come up within 15 seconds.');
  }

  async health(): Promise<Health> {
    const response = await fetch(new URL('healthz', this.url));
    return (await response.json()) as Health;
  }

  /** Ends the process at once, as a crash would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.#process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
