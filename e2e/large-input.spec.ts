import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { filmRemarks } from './testing/film-remarks';
import { type Busy, busyDuring, slowness } from './testing/frames';
import { copyLink, dragSlider, expect, open, test } from './testing/playground';

const LINES = 20_000;
const GIGABYTE = 2 ** 30;
/**
 * Processor time of one task on the main thread: taking over 20,000 lines, and all that goes on after it. On two cores of an
 * fast server they take up to 80 and 25 ms; a page that goes over all its rows in every frame takes 60 to 90 for the latter.
 * Slower machines are given as much more.
 */
const LONGEST_TAKE_OVER_MS = 200;
const LONGEST_TASK_MS = 60;

/** Main memory of the page's own process, worker and weights included, where the system tells; and its JavaScript heap. */
async function memoryOf(page: Page): Promise<{ readonly resident: number | undefined; readonly heap: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  const browser = await page.context().browser()?.newBrowserCDPSession();
  const processes = (await browser?.send('SystemInfo.getProcessInfo'))?.processInfo ?? [];
  const sizes = await Promise.all(
    processes.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id)),
  );
  return { resident: sizes.reduce((sum, size) => (size === undefined ? sum : (sum ?? 0) + size), undefined), heap };
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function note(what: string, { taskCpu, longTasks }: Busy): void {
  const longest = (taskCpu[0] ?? 0).toFixed(0);
  const description = `longest task ${longest} ms of processor time, ${longTasks.length} long tasks on the clock`;
  test.info().annotations.push({ type: what, description });
}

test(`${LINES} pasted lines neither stop the page nor fill its memory`, async ({ page, server, context }) => {
  test.setTimeout(300_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, server);
  const slower = await slowness(page);
  const lines = filmRemarks(LINES);
  const field = page.getByRole('textbox', { name: 'Sentences' });
  const status = page.getByRole('status', { name: 'Run' });
  const table = page.getByRole('table', { name: 'Results' });

  await page.evaluate((text) => navigator.clipboard.writeText(text), lines.join('\n'));
  await field.press('Control+a');
  const pasted = await busyDuring(page, async () => {
    await field.press('Control+v');
    await expect(page.getByText('20,000 lines, too many to edit here')).toBeVisible();
  });
  const started = await busyDuring(page, async () => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(status).toHaveText(/^\s*[1-9]\d* of 20000 sentences .* running/);
  });
  note('pasted', pasted);
  note('started', started);
  expect(Math.max(pasted.taskCpu[0] ?? 0, started.taskCpu[0] ?? 0)).toBeLessThan(slower * LONGEST_TAKE_OVER_MS);

  const running = await busyDuring(page, async () => {
    await page.waitForTimeout(3000);
    expect(await dragSlider(page, 'Mobile threshold', 2000)).toBeGreaterThan(3);
    await table.scrollIntoViewIfNeeded();
    await page.getByRole('group', { name: 'Rows of the results' }).press('End');
    await expect(table.getByRole('button', { name: lines.at(-1) ?? '', exact: true })).toBeVisible();
  });
  note('running', running);
  expect(running.taskCpu[0] ?? 0).toBeLessThan(slower * LONGEST_TASK_MS);
  const { resident, heap } = await memoryOf(page);
  test.info().annotations.push({ type: 'memory', description: JSON.stringify({ resident, heap }) });
  expect(heap).toBeLessThan(GIGABYTE / 2);
  expect(resident ?? 0).toBeLessThan(GIGABYTE);

  await expect(table).toHaveAttribute('aria-rowcount', `${LINES + 1}`);
  await expect(table.locator(`tr[aria-rowindex="${LINES + 1}"]`)).toHaveCount(1);
  expect(await table.getByRole('row').count()).toBeLessThan(100);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(status).toHaveText(/^\s*[1-9]\d* of 20000 sentences · \d+ layers run · stopped/);
  await copyLink(page);
  await expect(page.getByRole('alert')).toContainText('too long for a link');
});

test('a row that has the keyboard stays while the list scrolls, and paper gets every row', async ({ page, server }) => {
  await open(page, server);
  const lines = filmRemarks(300);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(lines.join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const table = page.getByRole('table', { name: 'Results' });
  const first = table.getByRole('button', { name: lines[0] ?? '', exact: true });
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(first).toHaveAttribute('aria-expanded', 'true');
  await page.getByRole('group', { name: 'Rows of the results' }).evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await expect(table.getByRole('button', { name: lines.at(-1) ?? '', exact: true })).toBeVisible();
  await expect(table.getByRole('button', { name: lines[150] ?? '', exact: true })).toHaveCount(0);
  await expect(first).toBeFocused();
  const rows = table.locator('tbody[data-index]');
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  expect(await rows.count()).toBe(300);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  expect(await rows.count()).toBeLessThan(100);
});
