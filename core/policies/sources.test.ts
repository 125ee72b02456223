import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { POLICIES } from '.';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(folder + name, 'utf8'));
const methods = POLICIES.filter(({ role }) => role === 'method').map(({ id }) => id);

test.each(methods)('the docstring of %s says how near to its paper it is', (id) => {
  const source = files.find((text) => text.includes(`id: '${id}'`));
  expect(source?.replaceAll(/\n \* ?/g, ' ')).toMatch(/[Hh]ow near to (the|a) papers?:/);
});
