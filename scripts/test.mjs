import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser, ensureBuilt, ensureInstalled, run } from './setup.mjs';

ensureInstalled();
ensureBrowser();
ensureBuilt();

const reports = mkdtempSync(join(tmpdir(), 'dimee-tests-'));
const report = (name) => {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'));
  } catch {
    return undefined;
  }
};
const npx = (...args) => run(process.execPath, [join('node_modules', ...args[0].split('/')), ...args.slice(1)]);

const checks = ['check:types', 'check:svelte', 'lint'].map((script) => run('npm', ['run', '--silent', script]) === 0);
const unitsPass = npx(
  ...['vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'],
  `--outputFile.json=${join(reports, 'unit.json')}`,
);
process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = join(reports, 'browser.json');
const browserPass = npx('@playwright/test/cli.js', 'test', '--reporter=list,json');

const unit = report('unit.json') ?? { numPassedTests: 0, numFailedTests: 1 };
const browser = report('browser.json')?.stats ?? { expected: 0, unexpected: 1, flaky: 0 };
rmSync(reports, { recursive: true });

const failedChecks = checks.filter((passes) => !passes).length;
const passed = checks.length - failedChecks + unit.numPassedTests + browser.expected + browser.flaky;
const failed = failedChecks + unit.numFailedTests + browser.unexpected;
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || unitsPass !== 0 || browserPass !== 0 ? 1 : 0);
