import { readFile } from 'node:fs/promises';
import { expect, open, test } from './testing/playground';

const LINES = [
  'A warm and funny film.',
  '\u200b\u2060',
  '🦉🦉',
  'It goes on and on. '.repeat(40).trim(),
  '🦉 fine',
  'הסרט נהדר (10/10)!',
  '\u202egnob si mlif sihT',
  'This [SEP] is a [MASK] film',
  'so '.repeat(4000),
];

test('what the model cannot read of a text is said in its row, the summary and the export, and stops no other', async ({
  page,
  server,
}) => {
  await open(page, server, '#v=1&task=sst2');
  await page.getByRole('textbox', { name: 'Sentences' }).fill(LINES.join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const status = page.getByRole('status', { name: 'Run' });
  await expect(status).toHaveText(
    /6 of 9 sentences · \d+ layers run · 1 cut · 1 a third or more unknown · 2 without a known token · 1 failed\s*$/,
    { timeout: 90_000 },
  );
  const rows = page.getByRole('table', { name: 'Results' }).locator('tbody');
  await expect(rows.nth(1)).toContainText('No sentence: the model has no known token in it.');
  await expect(rows.nth(3)).toContainText('read 128 of 242 tokens');
  await expect(rows.nth(4)).toContainText('50 % unknown tokens');
  await expect(rows.nth(8)).toContainText('Line 9 is too long');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export JSON' }).click();
  const { results } = JSON.parse(await readFile(await (await download).path(), 'utf8')) as {
    results: { texts: string[]; prediction: string | null; errorCode: string | null; readings: unknown }[];
  };
  expect(results.map(({ errorCode }) => errorCode)).toEqual([
    ...[null, 'NO_KNOWN_TOKEN', 'NO_KNOWN_TOKEN', null, null, null, null, null],
    'BAD_INPUT',
  ]);
  expect(results.filter(({ prediction }) => prediction !== null)).toHaveLength(6);
  expect(results[3]?.readings).toEqual([{ tokens: 240, read: 126, unknown: 0 }]);
  expect(results[7]?.readings).toEqual([{ tokens: 10, read: 10, unknown: 0 }]);
});

test('a text that runs the other way, or says that all does, turns nothing around but itself', async ({
  page,
  server,
}) => {
  await open(page, server, '#v=1&task=sst2');
  const field = page.getByRole('textbox', { name: 'Sentences' });
  await field.fill(['הסרט נהדר (10/10)!', '\u202egnob si mlif sihT'].join('\n'));
  expect(await field.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('plaintext');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status', { name: 'Run' })).toContainText('2 of 2 sentences', { timeout: 90_000 });
  for (const text of [/10\/10/, /gnob/]) {
    const shown = page.getByRole('table', { name: 'Results' }).locator('.line').filter({ hasText: text });
    expect(await shown.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('isolate');
  }
  // The exclamation mark of a Hebrew sentence stands at its left.
  const hebrew = page.locator('.line').filter({ hasText: /10\/10/ });
  const [mark, first] = await hebrew.evaluate((element) => {
    const node = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    const range = document.createRange();
    const leftOf = (offset: number) => {
      range.setStart(node ?? element, offset);
      range.setEnd(node ?? element, offset + 1);
      return range.getBoundingClientRect().left;
    };
    const length = node?.textContent?.length ?? 0;
    return [leftOf(length - 1), leftOf(0)];
  });
  expect(mark).toBeLessThan(first ?? 0);
});
