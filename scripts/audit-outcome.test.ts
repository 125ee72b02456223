import { expect, test } from 'vitest';
import { outcomeOf } from './audit-outcome.mjs';

/** As npm 10 and 11 write it, with what is not read left out. */
const report = (...found: readonly (readonly [name: string, severity: string])[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(found.map(([name, severity]) => [name, { name, severity, range: '<2.0.1' }])),
    metadata: { vulnerabilities: { total: found.length } },
  });

test('an audit passes where nothing grave is known, and tells how much else is', () => {
  expect(outcomeOf(report())).toEqual({ status: 'passed', words: 'No grave advisories.' });
  const { status, words } = outcomeOf(report(['one', 'low'], ['two', 'moderate']));
  expect([status, words]).toEqual(['passed', 'No grave advisories, and 2 lesser.']);
});

test('it fails on what is grave, by name', () => {
  const { status, words } = outcomeOf(report(['one', 'low'], ['two', 'high'], ['three', 'critical']));
  expect(status).toBe('failed');
  expect(words).toMatch(
    /^Grave advisories: 2, and 1 lesser\..*\n {2}two <2\.0\.1: high\n {2}three <2\.0\.1: critical$/,
  );
});

test.each([
  ['{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":""}}', '405 Method Not Allowed'],
  ['{"error":{"code":"ENOTFOUND","summary":"request to the registry failed"}}', 'request to the registry failed'],
  ['', 'it gave no report'],
  ['<html>', 'it gave no report'],
])('it is skipped, and says so, where the registry answers %j', (json, why) => {
  expect(outcomeOf(json)).toEqual({
    status: 'skipped',
    words: `Skipped: the registry could not be asked for advisories (${why}).`,
  });
});
