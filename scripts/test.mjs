import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePython } from './python.mjs';
import { ensureBrowser, ensureBuilt, ensureInstalled, run } from './setup.mjs';

/* `npm test`: all checks and tests there are. `--quick` runs the checks, the unit tests and a smoke test in a browser. */

const flags = new Set(process.argv.slice(2));
const unknown = [...flags].find((flag) => !['--no-python', '--quick'].includes(flag));
if (unknown) {
  console.error(`npm test knows --no-python and --quick, not ${unknown}.`);
  process.exit(2);
}
const isQuick = flags.has('--quick');
const withPython = !isQuick && !flags.has('--no-python');

ensureInstalled();
ensureBrowser();
ensureBuilt();

const reports = mkdtempSync(join(tmpdir(), 'dimee-tests-'));
const report = (name) => {
  try {
    return readFileSync(join(reports, name), 'utf8');
  } catch {
    return undefined;
  }
};
const node = (script, args, environment) => run(process.execPath, [join('node_modules', script), ...args], environment);

function check(script) {
  const passes = run('npm', ['run', '--silent', script]) === 0;
  return { passed: Number(passes), failed: Number(!passes) };
}

function unitTests() {
  const file = join(reports, 'unit.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = node('vitest/vitest.mjs', args);
  const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = JSON.parse(report('unit.json') ?? '{}');
  return { passed, failed: Math.max(failed, Number(status !== 0)) };
}

function pythonTests() {
  const python = ensurePython();
  if (!python) return { passed: 0, failed: 1 };
  // Both number crunchers take all cores otherwise, and wait for each other.
  const environment = { OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const junit = join(reports, 'python.xml');
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${junit}`, 'training/tests'];
  const status = run(python, args, environment);
  const count = (what) =>
    Number(new RegExp(`<testsuite [^>]*\\b${what}="(\\d+)"`).exec(report('python.xml') ?? '')?.[1] ?? 0);
  const failed = Math.max(count('failures') + count('errors'), Number(status !== 0));
  const passed = count('tests') - count('failures') - count('errors') - count('skipped');
  return { passed, failed };
}

function browserTests() {
  const args = ['test', '--reporter=list,json', ...(isQuick ? ['--grep', '@smoke'] : [])];
  const environment = { PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json') };
  const status = node('@playwright/test/cli.js', args, environment);
  const { expected = 0, unexpected = 0, flaky = 0 } = JSON.parse(report('browser.json') ?? '{}').stats ?? {};
  return { passed: expected + flaky, failed: Math.max(unexpected, Number(status !== 0)) };
}

const results = [
  ...['check:types', 'check:svelte', 'check:rooms', 'lint'].map(check),
  unitTests(),
  ...(withPython ? [pythonTests()] : []),
  browserTests(),
];
rmSync(reports, { recursive: true });

const sum = (what) => results.reduce((total, result) => total + result[what], 0);
if (!withPython) console.log(`\nThe Python tests were left out: ${isQuick ? '--quick' : '--no-python'}.`);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') > 0 ? 1 : 0);
