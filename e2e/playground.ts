import { readFile } from 'node:fs/promises';
import { expect, type Page, test as base } from '@playwright/test';
import { Server } from './server';

export interface ExportedResult {
  readonly texts: readonly string[];
  readonly prediction: string | null;
  readonly exitLayer: number | null;
  readonly tier: string | null;
  readonly ranLocally: string | null;
  readonly tokens: number;
  readonly bytesUp: number;
  /** Of the pools' centroids, where the policy asks for them. */
  readonly distances: { readonly dimee: readonly number[]; readonly dimecDc: readonly number[] } | null;
  readonly exits: readonly {
    readonly layer: number;
    readonly logits: readonly number[];
    readonly saturation: number | null;
  }[];
}

/** Tests with a real server of their own. */
export const test = base.extend<{ server: Server }>({
  server: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.kill();
  },
});

export { expect };

export async function open(page: Page, server: Server, hash = ''): Promise<void> {
  await page.goto(server.url + hash);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

export async function runSentences(
  page: Page,
  task: string,
  sentences: readonly string[],
  timeout?: number,
): Promise<void> {
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: task });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(sentences.join('\n'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await allAnswered(page, sentences.length, timeout);
}

export async function allAnswered(page: Page, count: number, timeout = 90_000): Promise<void> {
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(
    new RegExp(`^\\s*${count} of ${count} sentences · \\d+ layers run\\s*$`),
    { timeout },
  );
}

/** The results as the page's own export gives them. */
export async function results(page: Page): Promise<readonly ExportedResult[]> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export JSON' }).click();
  const file = await (await download).path();
  const exported = JSON.parse(await readFile(file, 'utf8')) as { results: readonly ExportedResult[] };
  return exported.results;
}

export async function layerRuns(page: Page): Promise<number> {
  const text = await page.getByRole('status', { name: 'Run' }).innerText();
  return Number(/(\d+) layers run/.exec(text)?.[1]);
}

/** How often a mouse says where it is. */
const MOUSE_MS = 8;

/** Drags a slider to and fro with the mouse for a while, and says how many of its values that gave. */
export async function dragSlider(page: Page, name: string, forMs: number): Promise<number> {
  const slider = page.getByRole('slider', { name, exact: true });
  await slider.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await slider.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (share: number) => page.mouse.move(x + width * share, y + height / 2);
  const values = new Set<string>();
  await at(0.9);
  await page.mouse.down();
  const startedAt = Date.now();
  while (Date.now() - startedAt < forMs) {
    await at(0.75 + 0.2 * Math.cos((Date.now() - startedAt) / 250));
    values.add(await slider.inputValue());
    await page.waitForTimeout(MOUSE_MS);
  }
  await page.mouse.up();
  return values.size;
}

export async function moveSlider(page: Page, name: string, value: number): Promise<void> {
  await page.getByRole('slider', { name, exact: true }).fill(String(value));
}

/** Eight sentences of three tasks, written for these tests. */
export const SENTENCES = {
  'SST-2': [
    'A joy from the first minute to the last.',
    'Tedious, clumsy and completely forgettable.',
    'The jokes land and the songs stay with you.',
    'I wanted to like it, but it gave me no reason to.',
    'Not a great film, yet I could not look away.',
    'It would be a disaster if it were not so charming.',
    'Everyone involved has done better work elsewhere.',
    'Slow at first, then suddenly wonderful.',
  ],
  QQP: [
    'How do I learn to swim?\tWhat is the best way to learn swimming?',
    'How do I learn to swim?\tHow do I learn to drive?',
    'Why do cats purr?\tWhat makes a cat purr?',
    'Why do cats purr?\tWhy do dogs bark?',
    'Where can I buy cheap flights?\tHow do I find cheap plane tickets?',
    'What is the capital of Peru?\tWhat is the capital of Chile?',
    'Can I grow lemons indoors?\tIs it possible to grow lemon trees inside?',
    'How long should I boil rice?\tHow long does it take to cook rice?',
  ],
  MNLI: [
    'The library closes at six.\tThe library is closed at night.',
    'A woman is reading on a bench.\tNobody is reading.',
    'He bought a bicycle last week.\tHe bought a red bicycle.',
    'All of the seats were taken.\tThere were empty seats.',
    'She speaks Danish and Finnish.\tShe speaks more than one language.',
    'The river froze over in January.\tJanuary was cold.',
    'They may come to the party.\tThey will not come to the party.',
    'The soup was too salty for me.\tI found the soup salty.',
  ],
} as const;
