import type { Browser, Page } from '@playwright/test';
import { CONTENDERS } from '../core/lab/contenders';
import { expect, test } from './testing/playground';
import type { Server } from './testing/server';

/** Words that most English sentences have one of, and hardly any German one. */
const ENGLISH = /\b(the|of|and|with|are|from|by|your|this|that|which|where|what|needs?|rows?|layers?|of|is|not)\b/i;
/** What stays English by intent: policies go by the names, rules and hints of their papers. */
const OF_POLICIES = CONTENDERS.flatMap(({ name, rule, parameters }) => [
  ...[name, rule],
  ...parameters.flatMap(({ label, hint = '' }) => [label, hint]),
]).toSorted((one, other) => other.length - one.length);

/** All that is read or heard, but for what is marked as English, examples, and what a person wrote. */
function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest('[lang="en"], script, style, noscript, textarea, .offers, td.text, blockquote')) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'label', 'data-name', 'aria-valuetext']) {
        texts.add(element.getAttribute(name) ?? '');
      }
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.add(node.nodeValue ?? '');
    }
    return [...texts].map((text) => text.replaceAll(/\s+/g, ' ').trim());
  });
}

/** Titles of papers stand beside their number at arXiv. */
function isEnglish(text: string): boolean {
  const rest = OF_POLICIES.reduce((left, known) => left.replaceAll(known, ''), text);
  return ENGLISH.test(rest) && !rest.includes('arXiv');
}

async function expectGerman(page: Page): Promise<void> {
  expect((await textsOf(page)).filter(isEnglish)).toEqual([]);
}

async function withGermanPage(browser: Browser, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ locale: 'de-DE' });
  await use(await context.newPage());
  await context.close();
}

async function goTo({ url }: Server, page: Page, hash: string): Promise<void> {
  await page.goto(url + hash);
  await expect(page.locator('main h1').first()).toBeVisible();
  await page.waitForLoadState('networkidle');
}

test('every route is German in a German browser, and what stays English is marked', async ({ browser, server }) => {
  await withGermanPage(browser, async (page) => {
    for (const route of [
      'learn',
      'data',
      ...['trade-off', 'confidence', 'online', 'network'].map((panel) => `compare&panel=${panel}`),
    ]) {
      await goTo(server, page, `#v=2&view=${route}`);
      await expectGerman(page);
    }
    await goTo(server, page, '#v=2&view=compare&panel=policies&task=rte&policy=pools');
    await expect(page.getByRole('status', { name: 'Vergleich' })).toHaveText(/(\d+) von \1 Strategien/, {
      timeout: 60_000,
    });
    await expectGerman(page);
  });
});

test('Play, its menus, its tour and what goes wrong there are German', async ({ browser, server }) => {
  await withGermanPage(browser, async (page) => {
    await goTo(server, page, '');
    await page.getByRole('button', { name: 'Rundgang' }).click();
    const card = page.getByRole('dialog', { name: 'Ein Rundgang' });
    for (const last of [false, false, false, false, true]) {
      await expectGerman(page);
      await card.getByRole('button', { name: last ? 'Fertig' : 'Weiter' }).click();
    }
    await expect(card).toHaveCount(0);
    for (const menu of ['Teilen', '„Verteilung der Ausgänge“ exportieren']) {
      await page.getByRole('button', { name: menu, exact: true }).click();
      await expectGerman(page);
    }
    await page.getByRole('textbox', { name: 'Sätze' }).fill('Kurz, warm, klug.\n☃');
    await page.getByRole('button', { name: 'Los', exact: true }).click();
    await expect(page.getByText('Das Modell kennt kein Token darin')).toBeVisible();
    await page.getByRole('button', { name: 'Kurz, warm, klug.' }).click();
    await expectGerman(page);
    await page.evaluate(() => (location.hash = '#v=2&m=many&x=y'));
    await expect(page.getByRole('alert')).toContainText('Dieser Link ist beschädigt');
    await expectGerman(page);
  });
});
