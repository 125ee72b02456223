import type { Page } from '@playwright/test';
import { allAnswered, expect, open, test } from './testing/playground';

/** Sentences run one thousand after the other in one page; `DIMEE_SOAK=200000` runs as many. */
const SENTENCES = Number(process.env.DIMEE_SOAK ?? 8000);
const ROUND = 1000;
/** Rounds until all that is kept of earlier ones is full. */
const FILLING = 4;
/** Measured: 30 to 90, of which a run of 200,000 makes 6 MB; one that is remembered takes 690. */
const MOST_BYTES_A_SENTENCE = 250;
const ALL_AT_LAYER_1 = '#v=1&task=sst2&m=1&n=2&mobileThreshold=0';

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
}

test(`the page's memory is bounded over ${SENTENCES} sentences`, async ({ page, server }) => {
  test.setTimeout(60_000 + 40 * SENTENCES);
  await open(page, server, ALL_AT_LAYER_1);
  let filled = Number.NaN;
  for (let round = 1; round <= SENTENCES / ROUND; round++) {
    const lines = Array.from({ length: ROUND }, (_, line) => `Film ${round}-${line} is fine.`);
    await page.getByRole('textbox', { name: 'Sentences' }).fill(lines.join('\n'));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.getByRole('button', { name: lines[0] ?? '', exact: true })).toBeVisible();
    await allAnswered(page, ROUND);
    if (round === FILLING) filled = await heapOf(page);
  }
  const heap = await heapOf(page);
  test
    .info()
    .annotations.push({ type: 'heap', description: `${filled} bytes after ${FILLING} rounds, ${heap} at the end` });
  expect((heap - filled) / (SENTENCES - FILLING * ROUND)).toBeLessThan(MOST_BYTES_A_SENTENCE);
});
