import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { QUOTED } from './quoted';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it.each(Object.values(QUOTED))('$policy is quoted as README has it', ({ policy, savedPercent, lossPoints }) => {
  const row = readme.split('\n').find((line) => line.startsWith(`| ${policy} `));
  const [, , , loss = '', saved = ''] = row?.split('|') ?? [];
  expect([parseFloat(saved), parseFloat(loss)]).toEqual([savedPercent, lossPoints]);
});
