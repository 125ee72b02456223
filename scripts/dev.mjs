import { spawn } from 'node:child_process';
import { ensureInstalled, root } from './setup.mjs';

/* `npm run dev`: the edge server, which starts again when its code changes, and before it the page with hot reload. */

const EDGE_PORT = '8787';

ensureInstalled();
const start = (script, ...args) =>
  spawn(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, stdio: 'inherit' });
const children = [
  start('tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'edge-server/main.ts', '--port', EDGE_PORT),
  start('vite/bin/vite.js', '--clearScreen', 'false'),
];
const endAll = () => children.forEach((child) => child.kill('SIGTERM'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, endAll);
for (const child of children) {
  child.on('exit', (code) => {
    process.exitCode ??= code ?? 0;
    endAll();
  });
}
