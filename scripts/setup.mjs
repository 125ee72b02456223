import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/* What `npm start` and `npm test` do first. It runs before anything is installed, so it is plain Node. */

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isKnown = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
if (!isKnown) {
  console.error(`DIMEE Playground needs Node 20.19, or 22.12 and newer; this is ${process.version}.`);
  process.exit(1);
}

/** Runs a command of the project to its end and returns its exit code. */
export function run(command, args, environment = {}) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } };
  return spawnSync(command, args, options).status ?? 1;
}

/** npm as Node runs it. On Windows `npm` is a script that only a shell finds, and a shell splits paths at their blanks. */
export function npm(args, { npm_execpath: path = '' } = process.env) {
  if (/npm-cli\.c?js$/.test(path)) return [process.execPath, [path, ...args]];
  return process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', 'npm', ...args]] : ['npm', args];
}

/** Ends with a sentence where the project's folder cannot be written to. */
function mustBeWritable(purpose, wayOut) {
  try {
    accessSync(root, constants.W_OK);
  } catch (error) {
    console.error(`${purpose}, and ${root} cannot be written to (${error.code}). ${wayOut}`);
    process.exit(1);
  }
}

/** The newest change below some files and folders, in milliseconds; 0 where there is none. */
function newest(paths) {
  return Math.max(0, ...paths.map((path) => newestOf(join(root, path))));
}

function newestOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestOf(join(path, name))));
}

/** Installs the packages of the lock file, unless they are there already; for tests those of development, too. */
export function ensureInstalled({ forTests = false } = {}) {
  const installed = newest(['node_modules/.package-lock.json']);
  const isComplete = !forTests || existsSync(join(root, 'node_modules/vitest'));
  if (isComplete && installed > 0 && installed >= newest(['package-lock.json'])) return;
  mustBeWritable('The packages must be installed', 'Run “npm ci” in a copy that can be, and start that.');
  console.log('Installing packages …');
  // npm leaves the packages of development out where NODE_ENV is “production”.
  const status = run(...npm(['ci', '--no-audit', '--no-fund', ...(forTests ? ['--include=dev'] : [])]));
  if (status !== 0) process.exit(status);
}

/** Builds the page, unless the last build is newer than all it is made from. */
export function ensureBuilt() {
  const stamp = 'dist/.built';
  const sources = ['core', 'worker', 'web', 'public', 'scripts', 'vite.config.ts', 'package-lock.json'];
  if (newest([stamp]) >= newest(sources)) return;
  const wayOut = existsSync(join(root, 'dist/index.html'))
    ? 'To take the build as it is: npm start -- --static dist.'
    : 'Run “npm run build” in a copy that can be, and start that.';
  mustBeWritable('The page must be built anew, since its sources have changed', wayOut);
  console.log('Building the page …');
  const status = run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']);
  if (status !== 0) process.exit(status);
  writeFileSync(join(root, stamp), '');
}

/** The first of some programs that the system has. */
function firstProgram(names, ...others) {
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':');
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...found, ...others].find((path) => path && existsSync(path));
}

/** Where Chromium is, if the system has one; `CHROME_PATH` goes first. */
export function systemBrowser() {
  if (process.env.CHROME_PATH && existsSync(process.env.CHROME_PATH)) return process.env.CHROME_PATH;
  const macos = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return firstProgram(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], macos);
}

/** Where Firefox is, if the system has one. */
export function systemFirefox() {
  return firstProgram(['firefox-esr', 'firefox'], '/Applications/Firefox.app/Contents/MacOS/firefox');
}

/** What drives WebKitGTK, Safari's engine on Linux, if the system has all of it: Debian's webkit2gtk-driver and xvfb. */
export function systemWebKit() {
  const [driver, display] = [firstProgram(['WebKitWebDriver']), firstProgram(['Xvfb'])];
  return driver && display ? { driver, display } : undefined;
}

/** How tests and benchmarks start Chromium: the same everywhere, and silent on the network. */
export function browserOptions() {
  const executablePath = systemBrowser();
  const args = [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-unsafe-webgpu',
  ];
  return executablePath ? { executablePath, args } : { args };
}

/** Brings a browser for the tests: the system's, else Playwright's own, else the distribution's package. */
export function ensureBrowser() {
  if (systemBrowser()) return;
  console.log('Installing a browser …');
  const isRoot = process.getuid?.() === 0;
  const playwright = ['node_modules/playwright/cli.js', 'install', ...(isRoot ? ['--with-deps'] : []), 'chromium'];
  if (run(process.execPath, playwright) === 0) return;
  const packaged = isRoot && run('apt-get', ['update']) === 0 && run('apt-get', ['install', '-y', 'chromium']) === 0;
  if (!packaged) console.error('No browser could be installed. Install Chromium or Chrome, or set CHROME_PATH to one.');
}
