import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { endJobs, inParallel } from './jobs.mjs';
import { ensurePython } from './python.mjs';
import { ensureBrowser, ensureBuilt, ensureInstalled, systemFirefox, systemWebKit } from './setup.mjs';

/* `npm test`: all checks and tests there are. `--quick` runs the checks, the unit tests and a smoke test in a browser. */

const flags = new Set(process.argv.slice(2));
const unknown = [...flags].find((flag) => !['--no-python', '--quick'].includes(flag));
if (unknown) {
  console.error(`npm test knows --no-python and --quick, not ${unknown}.`);
  process.exit(2);
}
const isQuick = flags.has('--quick');
const withPython = !isQuick && !flags.has('--no-python');
const cores = availableParallelism();

ensureInstalled({ forTests: true });
ensureBrowser();
ensureBuilt();
const python = withPython ? ensurePython('training') : undefined;
const clusterPython = withPython ? ensurePython('cluster') : undefined;

const reports = mkdtempSync(join(tmpdir(), 'dimee-tests-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
const report = (name) => {
  try {
    return readFileSync(join(reports, name), 'utf8');
  } catch {
    return undefined;
  }
};
const nodeJob = (name, script, args, result, environment) => ({
  ...{ name, command: process.execPath, args: [join('node_modules', script), ...args] },
  ...{ environment, result },
});

const oneCheck = (status) => ({ passed: Number(status === 0), failed: Number(status !== 0), broken: [] });

function check(name, script) {
  return { name, command: 'npm', args: ['run', '--silent', script], result: oneCheck };
}

/** What a browser test file's tests are called that failed, with those of the suites in it. */
function brokenIn({ title, suites = [], specs = [] }) {
  const own = specs.filter(({ ok }) => !ok).map((spec) => spec.title);
  return [...own, ...suites.flatMap(brokenIn)].map((name) => `${title} > ${name}`);
}

function unitTests() {
  const file = join(reports, 'unit.json');
  const workers = Math.max(1, cores - Number(withPython));
  const args = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`, `--maxWorkers=${workers}`];
  return nodeJob('Unit tests', 'vitest/vitest.mjs', args, (status) => {
    const found = JSON.parse(report('unit.json') ?? '{}');
    const { numPassedTests: passed = 0, numFailedTests: failed = 0, testResults = [] } = found;
    const broken = testResults.flatMap(({ name: path, assertionResults }) =>
      assertionResults
        .filter((test) => test.status === 'failed')
        .map((test) => `${relative(process.cwd(), path)} > ${test.fullName}`),
    );
    return { passed, failed: Math.max(failed, Number(status !== 0)), broken };
  });
}

/** @param {string | undefined} python what runs the tests of `room`; without any they have failed. */
function pythonTests(name, python, room) {
  if (!python) {
    const result = () => ({ passed: 0, failed: 1, broken: ['there is no Python to run them with'] });
    return { name, command: process.execPath, args: ['-e', ''], result };
  }
  const junit = join(reports, `${room}.xml`);
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${junit}`, `${room}/tests`];
  const junitText = () => report(`${room}.xml`) ?? '';
  const count = (what) => Number(new RegExp(`<testsuite [^>]*\\b${what}="(\\d+)"`).exec(junitText())?.[1] ?? 0);
  return {
    ...{ name, command: python, args },
    // Both number crunchers take all cores otherwise, and wait for each other.
    environment: { OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
    result: (status) => ({
      passed: count('tests') - count('failures') - count('errors') - count('skipped'),
      failed: Math.max(count('failures') + count('errors'), Number(status !== 0)),
      broken: [...junitText().matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*><(?:failure|error)/g)].map(
        ([, file, test]) => `${file} > ${test}`,
      ),
    }),
  };
}

/** `ruff` over the rooms of Python, with the rules of their `pyproject.toml`. */
function pythonStyle(name, ...args) {
  const command = python ?? 'python';
  return { name, command, args: ['-m', 'ruff', ...args, '--no-cache', 'training', 'cluster'], result: oneCheck };
}

function browserTests() {
  const [name, smoke] = isQuick ? ['Smoke test in a browser', ['--grep', '@smoke']] : ['Browser tests', []];
  const environment = { PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json') };
  const result = (status) => {
    const { stats = {}, suites = [] } = JSON.parse(report('browser.json') ?? '{}');
    const { expected = 0, unexpected = 0, flaky = 0 } = stats;
    const failed = Math.max(unexpected, Number(status !== 0));
    return { passed: expected + flaky, failed, broken: suites.flatMap(brokenIn) };
  };
  return nodeJob(name, '@playwright/test/cli.js', ['test', '--reporter=list,json', ...smoke], result, environment);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => void endJobs(signal).then(() => process.exit(1)));
}

// Ray is not to be had for every system.
const clusterTests = clusterPython ? [pythonTests('Cluster tests', clusterPython, 'cluster')] : [];
// The longest first, so that the short ones fill up what is left.
const beside = [
  unitTests(),
  ...(withPython
    ? [
        pythonTests('Python tests', python, 'training'),
        ...clusterTests,
        pythonStyle('Ruff', 'check'),
        pythonStyle('Ruff’s format', 'format', '--check'),
      ]
    : []),
  check('Lint', 'lint'),
  check('Svelte', 'check:svelte'),
  check('Types', 'check:types'),
  check('Rooms', 'check:rooms'),
];
// Nothing runs beside the browser: some of its tests watch the clock.
const results = [...(await inParallel(beside, cores)), ...(await inParallel([browserTests()], 1))];

console.log();
for (const { name, seconds, passed, failed } of results) {
  console.log(`${seconds.toFixed(0).padStart(5)} s  ${name}: ${passed} passed, ${failed} failed`);
}
console.log(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  in all`);
if (isQuick) console.log('\n--quick left out: the Python tests, and all browser tests that are not tagged @smoke.');
const absent = Object.entries({ Firefox: systemFirefox(), WebKitGTK: systemWebKit() }).filter(([, found]) => !found);
for (const [name] of absent) console.log(`\n${name} is not installed here: its tests were left out.`);
if (!isQuick && !withPython) console.log('\nThe Python tests were left out: --no-python.');
if (withPython && !clusterPython) console.log('\nRay cannot be installed here: the tests of cluster/ were left out.');
const sum = (what) => results.reduce((total, result) => total + result[what], 0);
// At the end, where whoever reads only that finds them.
for (const { name, broken } of results) for (const test of broken) console.log(`\n✗ ${name}: ${test}`);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
