import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './server';

/** The built page. */
export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const PATIENCE_MS = 10_000;

/** Somebody else's server with a copy of the page. */
export interface Host {
  readonly url: string;
  close(): void;
}

export function has(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** Python's own server, with the page below `/some/prefix/`. */
export async function startPython(): Promise<Host> {
  const [port, folder] = [await freePort(), newFolder()];
  mkdirSync(join(folder, 'some'));
  symlinkSync(DIST, join(folder, 'some/prefix'));
  const args = ['-m', 'http.server', `${port}`, '--bind', '127.0.0.1', '--directory', folder];
  return started(spawn('python3', args, { stdio: 'ignore' }), port, `http://localhost:${port}/some/prefix/`, folder);
}

/** nginx as Debian ships it, with server blocks written for its port and for a folder of its own. */
export async function startNginx(blocks: (port: number, folder: string) => string): Promise<Host> {
  const [port, folder] = [await freePort(), newFolder()];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const configuration = `daemon off; pid ${folder}/pid; error_log stderr crit; events {}
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    http { include /etc/nginx/mime.types; access_log off; ${temporary.join(' ')} ${blocks(port, folder)} }`;
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] });
  return started(child, port, `https://localhost:${port}/`, folder);
}

/** The page with a type of the test's choice for each file and its ending, such as `.js`; `undefined` is 404. */
export async function startMislabelling(
  typeOf: (extension: string, path: string) => string | undefined,
): Promise<Host> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    const type = typeOf(extname(path), path);
    if (type === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
    response.end(readFileSync(join(DIST, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dimee-host-'));
}

async function started(child: ChildProcess, port: number, url: string, folder: string): Promise<Host> {
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const close = () => void child.kill();
  for (const startedAt = Date.now(); Date.now() - startedAt < PATIENCE_MS;) {
    if (await isListening(port)) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  close();
  throw new Error(`After ${PATIENCE_MS / 1000} seconds, nobody listens for ${url}.`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A host without any header of its own, on which each folder lies below a path, such as `/one/`; more may be put there later. */
export async function startFolders(folders: Map<string, string>): Promise<Host> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [below, folder] = [...folders].find(([path]) => pathname.startsWith(path)) ?? [];
    const file = folder && below && join(folder, pathname.slice(below.length) || 'index.html');
    if (!file || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
};
