import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { shippedManifest } from './dev-split';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface RunningServer {
  /** Address of the page, with a slash at its end. */
  readonly url: string;
  /** Until every layer is in memory, which the server does on its own after it listens. */
  loaded(): Promise<void>;
  stop(): Promise<void>;
}

/** The product's server in a process of its own, on a port that is free. */
export async function startServer(): Promise<RunningServer> {
  const args = ['--import', 'tsx', 'edge-server/main.ts', '--port', '0'];
  const server = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await addressOf(server);
  return {
    url,
    loaded: async () => {
      const { layers } = await shippedManifest();
      while ((await layersLoaded(url)) < layers) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    },
  };
}

/** The address that the server prints once it listens. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.once('exit', (code) => reject(new Error(`The server ended with code ${code}.`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const address = /http:\/\/\S+/.exec(printed)?.[0];
      if (address) resolve(address.endsWith('/') ? address : `${address}/`);
    });
  });
}

/** Of the variant that is loaded furthest. */
async function layersLoaded(url: string): Promise<number> {
  const health = (await (await fetch(new URL('healthz', url))).json()) as { layersLoaded: Record<string, number> };
  return Math.max(0, ...Object.values(health.layersLoaded));
}
