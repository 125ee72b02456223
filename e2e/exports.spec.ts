import Papa from 'papaparse';
import { expect, exported, open, runSentences, test } from './testing/playground';

test('a chart is saved as numbers, and as a drawing whose words are text', async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByRole('img', { name: 'Exit distribution' })).toHaveText(/872 samples\./);
  const csv = await exported(page, 'Where sentences leave', 'CSV');
  expect(csv.name).toBe('dimee-where-sentences-leave-sst2-confidence.csv');
  const { data } = Papa.parse<{ series: string; x: string; y: string }>(csv.bytes.toString(), {
    header: true,
    skipEmptyLines: true,
  });
  expect(data.length).toBe(36);
  expect(data.reduce((sum, { y }) => sum + Number(y), 0)).toBeCloseTo(100, 6);

  const svg = await exported(page, 'Where sentences leave', 'SVG');
  const drawing = await page.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    const words = [...root.querySelectorAll('text')].map(({ textContent }) => textContent);
    return { name: root.nodeName, words, shapes: root.querySelectorAll('path, rect').length };
  }, svg.bytes.toString());
  expect([drawing.name, drawing.words]).toEqual([
    'svg',
    expect.arrayContaining(['Where sentences leave', 'Edge', '12']),
  ]);
  expect(drawing.shapes).toBeGreaterThan(10);
  expect(svg.bytes.toString()).not.toMatch(/NaN|<image/);
  // The chart itself is as it was.
  expect((await exported(page, 'Where sentences leave', 'PNG')).bytes.length).toBeGreaterThan(5000);
});

test('curves are drawn as lines', async ({ page, server }) => {
  await open(page, server, '#v=2&task=sst2&view=compare&panel=trade-off&curves=confidence');
  await expect(page.getByRole('button', { name: 'Export', exact: true }).first()).toBeVisible();
  await expect(async () => {
    const { bytes } = await exported(page, 'Accuracy against cost', 'SVG');
    const paths = [...bytes.toString().matchAll(/ d="([^"]*)"/g)].map(([, path]) => path ?? '');
    expect(Math.max(...paths.map((path) => path.split('L').length))).toBeGreaterThan(20);
  }).toPass();
});

test('results are saved as a table, and the view is cited', async ({ page, server }) => {
  await open(page, server);
  await runSentences(page, 'SST-2', ['A fine thing, warm and bright.', '=SUM(1) is no formula here.']);
  const { bytes } = await exported(page, 'Results', 'CSV');
  const { data } = Papa.parse<Record<string, string>>(bytes.toString(), { header: true, skipEmptyLines: true });
  expect(data.map(({ sentence }) => sentence)).toEqual([
    'A fine thing, warm and bright.',
    "'=SUM(1) is no formula here.",
  ]);
  const menu = page.getByRole('group', { name: 'Export “Results”' }).locator('..');
  await menu.getByRole('button', { name: 'Export', exact: true }).click();
  await menu.getByRole('button', { name: 'Cite' }).click();
  await expect(menu.getByRole('textbox', { name: 'BibTeX' })).toHaveValue(/2410\.05338[\s\S]*#v=2&task=sst2/);
});
