import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { VERSION } from './version';

test('the version is that of the package', async () => {
  const json = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  expect(VERSION).toBe((JSON.parse(json) as { version: string }).version);
});
