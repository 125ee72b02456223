import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePython, systemPython } from './python.mjs';
import { ensureInstalled, root, run } from './setup.mjs';

/* `npm run cluster`: the engine for the cloud's layers. Its environment is made at the first start. */

const [command, ...rest] = process.argv.slice(2);
const isStart = (command === 'head' || command === 'join') && !rest.includes('--help') && !rest.includes('-h');
const isHead = isStart && command === 'head';

if (isHead) ensureInstalled();
const python = isStart || command === 'status' || command === 'stop' ? ensurePython('cluster') : systemPython();
// Why, the console has been told.
if (!python) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'dimee-exit-rule-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What a head is given beside what it is asked for. */
async function given() {
  const { exitRuleScript } = await import('./exit-rule.mjs');
  const script = join(folder, 'exit-rule.js');
  writeFileSync(script, await exitRuleScript());
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return ['--exit-rule', script, '--version', version];
}

const words = [command ?? '--help', ...rest, ...(isHead ? await given() : [])];
process.exitCode = run(python, ['-m', 'cluster', ...words], { PYTHONDONTWRITEBYTECODE: '1' });
