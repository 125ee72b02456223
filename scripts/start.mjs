import { spawn } from 'node:child_process';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

const args = process.argv.slice(2);
const bringsPage = Boolean(process.env.DIMEE_STATIC) || args.some((arg) => /^--(static|help)\b/.test(arg));

ensureInstalled();
if (!bringsPage) ensureBuilt();

const server = spawn(process.execPath, ['--import', 'tsx', 'edge-server/main.ts', ...args], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 1));
