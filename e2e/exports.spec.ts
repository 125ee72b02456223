import Papa from 'papaparse';
import { expect, exported, open, openCompare, runSentences, saved, test } from './testing/playground';

test('a chart is saved as numbers, and as a drawing whose words are text', async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByRole('img', { name: 'Cost savings' })).toHaveText(/All cloud: 17/);
  const csv = await exported(page, 'What a sentence costs', 'CSV');
  expect(csv.name).toBe('dimee-what-a-sentence-costs-sst2-confidence.csv');
  const { data } = Papa.parse<{ series: string; x: string; y: string }>(csv.bytes.toString(), {
    header: true,
    skipEmptyLines: true,
  });
  const allCloud = data.filter(({ x }) => x === 'All cloud');
  expect(allCloud.reduce((sum, { y }) => sum + Number(y), 0)).toBeCloseTo(17, 6);

  const svg = await exported(page, 'What a sentence costs', 'SVG');
  // On a page of its own: ours makes no document of a text.
  const blank = await page.context().newPage();
  const drawing = await blank.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    const words = [...root.querySelectorAll('text')].map(({ textContent }) => textContent);
    return { name: root.nodeName, words, shapes: root.querySelectorAll('path, rect').length };
  }, svg.bytes.toString());
  await blank.close();
  expect([drawing.name, drawing.words]).toEqual([
    'svg',
    expect.arrayContaining(['What a sentence costs', 'All cloud']),
  ]);
  expect(drawing.shapes).toBeGreaterThan(5);
  expect(svg.bytes.toString()).not.toMatch(/NaN|<image/);
  // The chart itself is as it was.
  expect((await exported(page, 'What a sentence costs', 'PNG')).bytes.length).toBeGreaterThan(5000);
});

test('the hero is saved as numbers, as a drawing with its styles, and as a picture', async ({ page, server }) => {
  await open(page, server);
  const csv = await exported(page, 'Exit distribution', 'CSV');
  expect(csv.name).toBe('dimee-exit-distribution-sst2-confidence.csv');
  const { data } = Papa.parse<{ rows: string; share: string }>(csv.bytes.toString(), {
    header: true,
    skipEmptyLines: true,
  });
  expect(data.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(872);
  expect(data.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(1, 9);
  const drawing = (await exported(page, 'Exit distribution', 'SVG')).bytes.toString();
  expect(drawing).toContain('>SST-2, recorded dev split · Confidence: mobile threshold');
  expect(drawing).toMatch(/<path[^>]*fill="rgb\(\d+, \d+, \d+\)"/);
  expect(/NaN|color\(|class=|<!--/.exec(drawing)).toBeNull();
  expect((await exported(page, 'Exit distribution', 'PNG')).bytes.length).toBeGreaterThan(20_000);
});

test('Share gives a picture of the view, as wide as previews are', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const { name, bytes } = await saved(page, 'Picture');
  expect(name).toBe('dimee-view-sst2-confidence.png');
  // The size of a PNG stands in its first chunk; it is drawn at twice its size.
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2400, 1260]);
});

test('curves are drawn as lines', async ({ page, server }) => {
  await openCompare(page, server, '&task=sst2&panel=trade-off&curves=confidence');
  await expect(async () => {
    const { bytes } = await exported(page, 'Accuracy against compute saved', 'SVG');
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
  await page.getByRole('button', { name: 'Export “Results”', exact: true }).click();
  const menu = page.getByRole('group', { name: 'Export “Results”' });
  await menu.getByRole('button', { name: 'Cite' }).click();
  await expect(menu.getByRole('textbox', { name: 'BibTeX' })).toHaveValue(/2410\.05338[\s\S]*#v=3&task=sst2/);
});
