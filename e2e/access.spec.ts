import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, open, runSentences, SENTENCES, test } from './testing/playground';
import type { Server } from './testing/server';

const VIEWS = [
  'play',
  'compare',
  'compare&panel=policies',
  'compare&panel=confidence',
  'compare&panel=online',
  'compare&panel=network',
  'data',
  'learn',
] as const;
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [1440, 390] as const;

async function show(page: Page, server: Server, view: string): Promise<void> {
  await page.goto(`${server.url}#v=2&task=sst2&view=${view}`);
  await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
}

/** What axe finds, one line a rule. */
async function violations(page: Page): Promise<readonly string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

for (const view of VIEWS) {
  test(`axe finds nothing on ${view}, in either theme, on a desk or a phone`, async ({ page, server }) => {
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await show(page, server, view);
        expect(await violations(page), `${colorScheme} ${width}`).toEqual([]);
      }
    }
  });
}

test('axe finds nothing where results, menus and settings are open', async ({ page, server }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, server);
  await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 4));
  await page.getByRole('table', { name: 'Results' }).locator('tbody[data-index] button').first().click();
  await page.getByText('Fine settings').click();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  expect(await violations(page)).toEqual([]);
});

/** Every text that live regions said since the page opened, with its time. */
async function listen(page: Page): Promise<() => Promise<readonly { at: number; text: string }[]>> {
  await page.evaluate(() => {
    const heard: { at: number; text: string }[] = [];
    Object.assign(window, { heard });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest('[role=status], [role=alert], [aria-live]');
        if (!live || live.getAttribute('aria-live') === 'off') continue;
        if (target.parentElement?.closest('[aria-hidden=true]')) continue;
        const last = heard.at(-1);
        const [at, text] = [performance.now(), live.textContent.trim()];
        if (text !== '' && (last?.text !== text || at - last.at > 100)) heard.push({ at, text });
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: { at: number; text: string }[] }).heard);
}

test('a moved threshold is said once, when it rests, and nothing is said often', async ({ page, server }) => {
  await open(page, server);
  await expect(page.getByText(/^On 872/)).toBeVisible();
  const heard = await listen(page);
  const slider = page.getByRole('slider', { name: 'Mobile threshold' });
  for (let step = 0; step < 20; step++) await slider.press('ArrowLeft');
  await expect(page.getByRole('status', { name: 'News' })).toContainText(/% settled on this device.*compute saved/);
  const sentences = (await heard()).filter(({ text }) => text.includes('compute saved'));
  expect(sentences).toHaveLength(1);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  await expect(page.getByRole('status', { name: 'News' })).toContainText('8 of 8 sentences answered');
  const all = await heard();
  const within = all.map(({ at }) => all.filter((other) => other.at >= at && other.at < at + 1000));
  expect(within.filter(({ length }) => length > 2)).toEqual([]);
});

test('the keyboard alone does the whole job', async ({ page, server }) => {
  await open(page, server);
  const reach = async (name: string | RegExp, role: 'button' | 'textbox' | 'slider' | 'link' | 'combobox') => {
    const wanted = page.getByRole(role, { name, exact: true });
    for (let press = 0; press < 60; press++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not come to ${String(name)}.`);
  };
  await reach('Skip to the content', 'button');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await reach('Sentences', 'textbox');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('A fine film.');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status', { name: 'Answer' })).toContainText('positive');
  await reach('Divider between this device and the edge', 'slider');
  await page.keyboard.press('ArrowLeft');
  await reach('Mobile threshold', 'slider');
  await page.keyboard.press('End');
  await expect(page.getByRole('slider', { name: 'Mobile threshold' })).toHaveValue('1');
  await reach(/A fine film\./, 'button');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: 'Confidence at every exit' })).toBeVisible();
});

test('at 400 % zoom everything is there, and nothing scrolls sideways', async ({ page, server }) => {
  // 1280 pixels at 400 % are 320; at 200 %, 640.
  for (const width of [640, 320]) {
    await page.setViewportSize({ width, height: 256 });
    await open(page, server);
    for (const name of ['Mobile threshold', 'Edge threshold']) {
      const slider = page.getByRole('slider', { name });
      await slider.scrollIntoViewIfNeeded();
      await expect(slider).toBeInViewport();
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
});

test('forced colours keep what is selected, and the marks of the tiers', async ({ page, server }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await open(page, server);
  await expect(page.getByText(/^On 872/)).toBeVisible();
  const colours = await page.evaluate(() => {
    const styleOf = (selector: string) => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`There is no ${selector}.`);
      return getComputedStyle(element);
    };
    return {
      ribbons: ['mobile', 'edge', 'cloud'].map((tier) => styleOf(`path.ribbon.${tier}`).fill),
      page: styleOf('nav a[aria-current]').borderBottomColor,
      otherPage: styleOf('nav a:not([aria-current])').borderBottomColor,
      tab: styleOf('.choice input:checked + span').outlineStyle,
    };
  });
  expect(new Set(colours.ribbons).size).toBe(3);
  expect(colours.page).not.toBe(colours.otherPage);
  expect(colours.tab).toBe('solid');
});
