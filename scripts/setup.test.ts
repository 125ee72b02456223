import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { npm, root } from './setup.mjs';

/** Who may not write where this account may: root writes everywhere. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const LATER = new Date(Date.now() + 60_000);

let checkout = '';
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'a checkout '));
  for (const name of ['scripts', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
});
afterEach(() => {
  chmodSync(checkout, 0o755);
  rmSync(checkout, { recursive: true, force: true });
});

/** Writes a file as if a minute from now. */
function add(path: string, text = ''): void {
  mkdirSync(join(checkout, path, '..'), { recursive: true });
  writeFileSync(join(checkout, path), text);
  utimesSync(join(checkout, path), LATER, LATER);
}

/** `npm start` in the checkout, which nobody may write to. */
function startReadOnly(...args: readonly string[]) {
  chmodSync(checkout, 0o555);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/start.mjs'), ...args], {
    ...NOBODY,
    encoding: 'utf8',
  });
  return { status, lines: (stdout + stderr).trim().split('\n') };
}

describe.skipIf(process.platform === 'win32')('starting in a folder that cannot be written to', () => {
  test('says that the packages must be installed, where, and what to do', () => {
    const { status, lines } = startReadOnly();
    expect(status).toBe(1);
    expect(lines).toEqual([expect.stringContaining(`${checkout} cannot be written to (EACCES). Run “npm ci”`)]);
  });

  test('says so where the page was never built', () => {
    add('node_modules/.package-lock.json');
    const { status, lines } = startReadOnly();
    expect(status).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^The page must be built anew.*npm run build/)]);
  });

  test('says how to take a build that is older than its sources', () => {
    add('dist/index.html');
    add('dist/.built');
    add('node_modules/.package-lock.json');
    add('web/App.svelte');
    utimesSync(join(checkout, 'dist/.built'), 0, 0);
    const { lines } = startReadOnly();
    expect(lines).toEqual([expect.stringContaining('npm start -- --static dist')]);
    // Then nothing is built, and what ends it is the server that this checkout lacks.
    expect(startReadOnly('--static', 'dist').lines.join()).toMatch(/tsx|main\.ts/);
  });
});

describe('npm', () => {
  test('is run by Node itself, so that no shell splits a path at its blanks', () => {
    const path = '/Program Files/nodejs/node_modules/npm/bin/npm-cli.js';
    expect(npm(['ci'], { npm_execpath: path })).toEqual([process.execPath, [path, 'ci']]);
  });

  test.each([undefined, '/opt/yarn/yarn.js'])('is looked for where %s has started us', (path) => {
    const [command, args] = npm(['ci'], path === undefined ? {} : { npm_execpath: path });
    expect([command, ...args].slice(-2)).toEqual(['npm', 'ci']);
  });
});

test.each([
  ['v18.20.0', false],
  ['v20.18.3', false],
  ['v20.19.0', true],
  ['v21.7.3', false],
  ['v22.11.0', false],
  ['v22.12.0', true],
  ['v24.0.0', true],
])('Node %s is taken: %s', (version, isTaken) => {
  const script = `Object.defineProperty(process, 'versions', { value: { node: '${version.slice(1)}' } });
    Object.defineProperty(process, 'version', { value: '${version}' });
    await import(${JSON.stringify(join(root, 'scripts/setup.mjs'))});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(status).toBe(isTaken ? 0 : 1);
  expect(stderr).toBe(isTaken ? '' : `DIMEE Playground needs Node 20.19, or 22.12 and newer; this is ${version}.\n`);
});
