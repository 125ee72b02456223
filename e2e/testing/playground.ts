import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test';
import { Server } from './server';

export interface ExportedResult {
  readonly texts: readonly string[];
  readonly prediction: string | null;
  readonly exitLayer: number | null;
  readonly tier: string | null;
  readonly ranLocally: string | null;
  readonly ranAtEdge: string | null;
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

interface SharedByTests {
  /** One real server for all tests that leave it alive. */
  readonly sharedServer: Server;
  /** One browser profile whose caches stay warm: model, page and compiled WASM are fetched by the first test alone. */
  readonly profile: BrowserContext;
}

interface OfOneTest {
  /** The shared server, which counts from the beginning of the test. */
  readonly server: Server;
  /** For tests that kill it. */
  readonly ownServer: Server;
  /** For tests that damage its caches, or need them cold. */
  readonly ownPage: Page;
}

/** Every test begins on a new page with nothing stored; what costs seconds is shared. */
export const test = base.extend<OfOneTest, SharedByTests>({
  sharedServer: [({}, use) => withServer(use), { scope: 'worker' }],
  profile: [
    async ({ playwright }, use, { project }) => {
      const { launchOptions, viewport = null } = project.use;
      const folder = await mkdtemp(join(tmpdir(), 'dimee-profile-'));
      const profile = await playwright.chromium.launchPersistentContext(folder, {
        ...{ ...launchOptions, viewport, serviceWorkers: 'block' },
      });
      await use(profile);
      await profile.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  server: async ({ sharedServer }, use) => {
    await sharedServer.countAnew();
    await use(sharedServer);
  },
  context: async ({ profile }, use) => {
    await use(profile);
    await profile.clearPermissions();
  },
  page: async ({ context, sharedServer }, use) => {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const storageTypes = 'cookies,local_storage,indexeddb';
    await session.send('Storage.clearDataForOrigin', { origin: new URL(sharedServer.url).origin, storageTypes });
    await session.detach();
    await use(page);
    await page.close();
  },
  ownServer: ({}, use) => withServer(use),
  ownPage: async ({ browser }, use) => {
    const context = await browser.newContext();
    await use(await context.newPage());
    await context.close();
  },
});

async function withServer(use: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.start();
  await use(server);
  await server.kill();
}

export { expect };

export async function open(page: Page, server: Server, hash = ''): Promise<void> {
  await page.goto(server.url + hash);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

/** Opens Compare, one of whose parts and all of whose settings the hash may name. */
export async function openCompare(page: Page, server: Server, hash = ''): Promise<void> {
  await page.goto(`${server.url}#v=2&view=compare${hash}`);
  await expect(page.getByRole('navigation', { name: 'Parts of Compare' })).toBeVisible();
}

/** Opens what a button of Compare's bar holds: “A”, “B”, the name of a network, “costs”, or the name of the data set. */
export async function openPill(page: Page, name: string): Promise<void> {
  const bar = page.getByRole('group', { name: 'What is compared' });
  const button = bar.getByRole('button', { name: new RegExp(`^${name}\\b`) });
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
}

export async function runSentences(
  page: Page,
  task: string,
  sentences: readonly string[],
  timeout?: number,
): Promise<void> {
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: task });
  await page.getByRole('textbox', { name: 'Sentences' }).fill(sentences.join('\n'));
  await modelIsHere(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await allAnswered(page, sentences.length, timeout);
}

/** Before it is, the edge runs sentences from the first layer on. Where it never comes, that is what is tested. */
export async function modelIsHere(page: Page): Promise<void> {
  const dot = page.locator('header .summary .dot:is(.ready, .bad)');
  await dot.waitFor({ timeout: 30_000 }).catch(() => undefined);
}

export async function allAnswered(page: Page, count: number, timeout = 90_000): Promise<void> {
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(
    new RegExp(`^\\s*${count} of ${count} sentences · \\d+ layers run\\s*$`),
    { timeout },
  );
}

/** Asks for the link, which then stands in the address, too. */
export async function copyLink(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('button', { name: 'Copy link', exact: true }).click();
}

/** Opens what stands folded up under the bar, unless it is open. */
export async function openFineSettings(page: Page): Promise<void> {
  const fine = page.locator('details', { has: page.getByText('Fine settings') });
  if ((await fine.getAttribute('open')) === null) await fine.locator('summary').first().click();
}

/** Opens a route by its link in the header. */
export async function openRoute(page: Page, name: 'Play' | 'Compare' | 'Your data' | 'Learn'): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
}

/** The file that a click gives. */
export async function saved(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).first().click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** The file that the export menu of a card gives. */
export async function exported(page: Page, name: string, format: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: `Export “${name}”`, exact: true }).click();
  const file = await saved(page, `Save “${name}” as ${format}`);
  await page.keyboard.press('Escape');
  return file;
}

/** The results as the page's own export gives them. */
export async function results(page: Page): Promise<readonly ExportedResult[]> {
  const { bytes } = await saved(page, 'Export JSON');
  return (JSON.parse(bytes.toString()) as { results: readonly ExportedResult[] }).results;
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
