import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 15_000;

/** What the tests read of `/healthz`. */
export interface Health {
  readonly connections: number;
  readonly tiers: Readonly<Record<string, { readonly layersRun: number; readonly running: number }>>;
  /** Binary frames received so far. */
  readonly tensorFrames: number;
}

/** What a server has done. */
export interface Done {
  readonly layersRun: { readonly edge: number; readonly cloud: number };
  readonly tensorFrames: number;
}

/** The real server in a process of its own, which can be killed and started again at the same address. */
export class Server {
  #process: ChildProcess | undefined;
  #before: Done = { layersRun: { edge: 0, cloud: 0 }, tensorFrames: 0 };

  private constructor(
    readonly port: number,
    private readonly flags: readonly string[],
  ) {}

  /** `flags` are those of the command line. */
  static async start(...flags: readonly string[]): Promise<Server> {
    const server = new Server(await freePort(), flags);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  async start(): Promise<void> {
    const args = ['--import', 'tsx', 'edge-server/main.ts', '--port', `${this.port}`, ...this.flags];
    this.#process = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    await this.#until(() => true, 'did not come up');
  }

  /** What it has done since the last `countAnew`. */
  async done(): Promise<Done> {
    const { layersRun, tensorFrames } = doneOf(await this.#health());
    const { layersRun: before, tensorFrames: framesBefore } = this.#before;
    return {
      layersRun: { edge: layersRun.edge - before.edge, cloud: layersRun.cloud - before.cloud },
      tensorFrames: tensorFrames - framesBefore,
    };
  }

  /** Counts from now on, when pages that were closed have nothing running here any more. */
  async countAnew(): Promise<void> {
    const isIdle = ({ connections, tiers }: Health) =>
      connections === 0 && Object.values(tiers).every(({ running }) => running === 0);
    this.#before = doneOf(await this.#until(isIdle, 'still has something to do'));
  }

  /** Ends the process at once, as a crash would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.#process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    await ended;
  }

  async #until(holds: (health: Health) => boolean, complaint: string): Promise<Health> {
    for (const startedAt = Date.now(); Date.now() - startedAt < PATIENCE_MS;) {
      const health = await this.#health().catch(() => undefined);
      if (health && holds(health)) return health;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`After ${PATIENCE_MS / 1000} seconds, the server ${complaint}.`);
  }

  async #health(): Promise<Health> {
    const response = await fetch(new URL('healthz', this.url));
    return (await response.json()) as Health;
  }
}

function doneOf({ tiers, tensorFrames }: Health): Done {
  return { layersRun: { edge: tiers.edge?.layersRun ?? 0, cloud: tiers.cloud?.layersRun ?? 0 }, tensorFrames };
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
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
