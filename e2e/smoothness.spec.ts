import { filmRemarks } from './testing/film-remarks';
import { type Busy, busyDuring, median, slowness } from './testing/frames';
import { dragSlider, expect, open, test } from './testing/playground';

const FRAME_MS = 1000 / 60;
/** The longest that people do not notice. */
const LONGEST_TASK_MS = 50;
const DRAG_MS = 3000;

function inWords({ longTasks, frameGaps, taskCpu }: Busy): string {
  return [
    `${longTasks.length} long tasks`,
    `${frameGaps.length} frames, median ${median(frameGaps).toFixed(1)} ms`,
    `longest task ${(taskCpu[0] ?? 0).toFixed(1)} ms of processor time`,
  ].join(', ');
}

test('a slider drags smoothly while results arrive', async ({ page, server }) => {
  await open(page, server);
  const slower = await slowness(page);
  await page.getByRole('textbox', { name: 'Sentences' }).fill(filmRemarks(400).join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const status = page.getByRole('status', { name: 'Run' });
  await expect(status).toHaveText(/^\s*[1-9]\d* of 400/);
  const undisturbed = await busyDuring(page, () => page.waitForTimeout(1000));

  const before = await status.innerText();
  let values = 0;
  const dragged = await busyDuring(page, async () => {
    values = await dragSlider(page, 'Mobile threshold', DRAG_MS);
  });
  test.info().annotations.push({ type: 'slowness', description: slower.toFixed(1) });
  test.info().annotations.push({ type: 'undisturbed', description: inWords(undisturbed) });
  test.info().annotations.push({ type: 'dragged', description: inWords(dragged) });

  expect(values).toBeGreaterThan(10);
  expect(before).toContain('running');
  expect(await status.innerText()).not.toBe(before);
  expect(dragged.taskCpu.length).toBeGreaterThan(50);
  for (const { frameGaps, taskCpu } of [undisturbed, dragged]) {
    expect(median(frameGaps)).toBeLessThan(slower * 1.5 * FRAME_MS);
    expect(taskCpu.filter((ms) => ms > slower * LONGEST_TASK_MS)).toEqual([]);
  }
});
