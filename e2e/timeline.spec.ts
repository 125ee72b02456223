import type { Page } from '@playwright/test';
import { expect, moveSlider, open, runSentences, saved, test } from './testing/playground';
import type { Server } from './testing/server';

const UNDECIDED = [
  'It was neither good nor bad, and I might see it again.',
  'A joy from the first minute to the last.',
];

/** Before the model is here, the edge runs all layers itself. */
async function openReady(page: Page, server: Server): Promise<void> {
  await open(page, server);
  await expect(page.getByText('Runs in your browser')).toBeVisible({ timeout: 60_000 });
}

interface Slice {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
}

/** Milliseconds of a cell, such as `3.1 ms`. */
const numberIn = (text: string) => Number.parseFloat(text);

test('an opened sentence shows where its time went, drawn and as a table', async ({ page, server }) => {
  await openReady(page, server);
  // No exit here is sure enough, so that it has to go on to the edge.
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', UNDECIDED);
  await page.getByRole('button', { name: /neither good nor bad/ }).click();
  const plot = page.getByRole('slider', { name: 'Where the time went' });
  await expect(plot).toBeVisible();
  await page.getByText('As a table').click();
  const table = page.getByRole('table', { name: 'Where the time went' });
  const rows = await table.locator('tbody tr').allInnerTexts();
  const cells = rows.map((row) => row.split('\t'));
  const where = (part: string) => cells.find(([name]) => name === part)?.[1];
  expect([where('layer 1'), where('layer 5'), where('on the way up')]).toEqual(['This device', 'Edge', 'On the way']);
  expect(cells.every(([, , , duration]) => numberIn(duration ?? '') >= 0)).toBe(true);
  const starts = cells.map(([, , start]) => numberIn(start ?? ''));
  expect(starts).toEqual([...starts].sort((one, other) => one - other));
});

test('the arrow keys step through the parts of a timeline', async ({ page, server }) => {
  await openReady(page, server);
  await runSentences(page, 'SST-2', UNDECIDED);
  await page.getByRole('button', { name: /A joy from/ }).click();
  const plot = page.getByRole('slider', { name: 'Where the time went' });
  await plot.focus();
  const said: (string | null)[] = [];
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowLeft']) {
    await page.keyboard.press(key);
    said.push(await plot.getAttribute('aria-valuetext'));
  }
  expect(said[3]).toBe(said[1]);
  expect(new Set(said).size).toBe(3);
  expect(said.every((words) => words?.includes('ms'))).toBe(true);
});

test('a run is saved as a trace whose slices nest, on this device and at the edge', async ({ page, server }) => {
  await openReady(page, server);
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', UNDECIDED);
  const { name, bytes } = await saved(page, 'Timeline for Perfetto (JSON)');
  expect(name).toBe('dimee-sst2-timeline.json');
  const { traceEvents } = JSON.parse(bytes.toString()) as { traceEvents: Slice[] };
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  const ran = (pid: number, layer: number) =>
    slices.filter((slice) => slice.pid === pid && slice.name === `layer ${layer}`).length;
  expect([ran(1, 1), ran(1, 4), ran(2, 5), ran(1, 5)]).toEqual([2, 2, 2, 0]);
  for (const { pid, tid, ts, dur } of slices) {
    const isWithin = (other: Slice) => other.pid === pid && other.tid === tid && other.ts > ts && other.ts < ts + dur;
    const within = slices.filter(isWithin);
    expect(within.every((other) => other.ts + other.dur <= ts + dur)).toBe(true);
  }
});
