import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ONLINE_POLICIES } from '.';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(folder + name, 'utf8'));

test.each(ONLINE_POLICIES.map(({ id }) => id))('the docstring of %s says how near to its paper it is', (id) => {
  // What stands before the policy's id, down from the end of the policy before it.
  const before = files.find((text) => text.includes(`id: '${id}'`))?.split(`id: '${id}'`)[0];
  const docstring = before?.split('/**').at(-1);
  expect(docstring).toMatch(/ \* How near to the papers?:/);
});
