import type { Page } from '@playwright/test';
import { expect, runSentences, SENTENCES, test } from './testing/playground';

declare global {
  interface Window {
    violations: string[];
  }
}

/** What of the page was kept from happening by its policy: in the page, and in workers, which tell the console. */
async function watched(page: Page): Promise<() => Promise<readonly string[]>> {
  const told: string[] = [];
  page.on('console', (message) => {
    if (/Trusted|Content Security Policy/.test(message.text())) told.push(message.text());
  });
  await page.addInitScript(() => {
    window.violations = [];
    const note = (event: SecurityPolicyViolationEvent) =>
      window.violations.push(`${event.effectiveDirective}: ${event.sample} ${event.sourceFile}`);
    document.addEventListener('securitypolicyviolation', note);
  });
  return async () => [...told, ...(await page.evaluate(() => window.violations))];
}

const ROUTES = [
  ['Play', ''],
  ['Compare', '#v=2&view=compare'],
  ['Compare’s network', '#v=2&view=compare&panel=network'],
  ['Your data', '#v=2&view=data'],
  ['Learn', '#v=2&view=learn'],
  ['a frame', '?embed#v=2&m=3'],
] as const;

test('no route makes a script or HTML of a text', async ({ ownPage: page, server }) => {
  const violations = await watched(page);
  for (const [name, address] of ROUTES) {
    // Another hash alone would load nothing anew.
    await page.goto('about:blank');
    await page.goto(server.url + address);
    await expect(page.getByRole('main')).toContainText(/\w{4}/);
    await expect(page.locator('#as-opened')).toHaveCount(0);
    expect(await violations(), name).toEqual([]);
  }
  await page.goto(`${server.url}?threads=2`);
  await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 1));
  await expect(page.getByRole('status', { name: 'Backend' })).toContainText('WASM · 2 threads');
  expect(await violations()).toEqual([]);
});

test('a text that somebody got into the page makes no script, and no worker of another’s', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  const outcomes = await page.evaluate(() => {
    const tried = (inject: () => unknown): string => {
      try {
        inject();
        return 'went through';
      } catch (error) {
        return String(error);
      }
    };
    const script = document.createElement('script');
    const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } };
    const elsewhere = 'https://evil.example/script.js';
    return {
      innerHTML: tried(() => (document.body.innerHTML = '<img src="x" onerror="alert(1)">')),
      insertAdjacentHTML: tried(() => document.body.insertAdjacentHTML('beforeend', '<b>x</b>')),
      fragment: tried(() => document.createRange().createContextualFragment('<b>x</b>')),
      parse: tried(() => new DOMParser().parseFromString('<p>x</p>', 'text/html')),
      text: tried(() => (script.text = 'alert(1)')),
      attribute: tried(() => document.body.setAttribute('onclick', 'alert(1)')),
      src: tried(() => (script.src = elsewhere)),
      ownButNotBuilt: tried(() => (script.src = new URL('s/aZ09_-aZ09_-', document.baseURI).href)),
      worker: tried(() => new Worker(elsewhere)),
      data: tried(() => new Worker('data:text/javascript,0')),
      serviceWorker: tried(() => new Worker('assets/../service-worker.js?x')),
      policy: tried(() => trustedTypes.createPolicy('evil', { createHTML: (text: string) => text })),
    };
  });
  for (const [way, outcome] of Object.entries(outcomes)) expect(outcome, way).toMatch(/^TypeError/);
});
