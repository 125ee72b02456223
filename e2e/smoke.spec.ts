import { expect, test } from './testing/playground';
import { firefox, type OtherBrowser, type StartBrowser, until, webkit } from './testing/other-browsers';

/* The page's whole job in the browsers that Playwright does not drive: open, run, slider, own file, every route, share. */

const TEXTS = ['A joy from the first minute to the last.', 'Tedious, clumsy and completely forgettable.'];
const FILE = 'sentence\tlabel\nA warm and funny film.\t1\nDull and far too long.\t0\nI laughed, twice.\t1';

const status = (name: string) => `document.querySelector('[role=status][aria-label="${name}"]')?.innerText ?? ''`;
const button = (name: string) =>
  `[...document.querySelectorAll('button')].find((found) => found.innerText.replace('▾', '').trim() === ${JSON.stringify(name)})`;

const route = (name: string) =>
  `[...document.querySelectorAll('nav a')].find((found) => found.innerText.replace('▾', '').trim() === ${JSON.stringify(name)})`;

const slider = (label: string) =>
  `[...document.querySelectorAll('.slider')].find((found) => found.innerText.startsWith('${label}')).querySelector('input')`;

/** Gives a field a value as a person would. */
function fill(browser: OtherBrowser, field: string, value: string): Promise<unknown> {
  return browser.evaluate(`(() => {
    const field = ${field};
    field.value = ${JSON.stringify(value)};
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  })()`);
}

async function click(browser: OtherBrowser, element: string): Promise<void> {
  await until(browser, `${element} && !${element}.disabled`, `${element} can be clicked`);
  await browser.evaluate(`${element}.click()`);
}

async function doTheJob(browser: OtherBrowser, url: string): Promise<void> {
  await browser.evaluate(`addEventListener('error', ({ message }) => (window.faults ??= []).push(message))`);
  await until(browser, `!document.querySelector('#as-opened') && ${button('Run')}`, 'the page is open');
  await fill(browser, `document.querySelector('#sentences')`, TEXTS.join('\n'));
  await click(browser, button('Run'));
  await until(browser, `/^2 of 2 sentences · \\d+ layers run$/.test((${status('Run')}).trim())`, 'both are answered');
  const layersRun = `Number(/(\\d+) layers run/.exec(${status('Run')})[1])`;
  const before = await browser.evaluate<number>(layersRun);
  await fill(browser, slider('Mobile threshold'), '1');
  await until(browser, `${layersRun} > ${before}`, 'a raised threshold runs more layers');
  await browser.evaluate(`(() => {
    const input = document.querySelector('input[type=file]');
    const transfer = new DataTransfer();
    transfer.items.add(new File([${JSON.stringify(FILE)}], 'films.tsv'));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  })()`);
  await click(browser, button('Run 3 rows'));
  await until(
    browser,
    `(${status('Own rows')}).includes('3 rows · SST-2 · every exit known · labelled')`,
    'the file has run',
  );
  await click(
    browser,
    `[...document.querySelectorAll('button')].find(({ innerText }) => /^Compare on/.test(innerText))`,
  );
  await until(browser, `/view=compare/.test(location.hash)`, 'Compare is open');
  await until(browser, `document.querySelector('main')?.innerText.includes('films.tsv')`, 'Compare shows the file');
  await click(browser, route('Learn'));
  await until(browser, `document.title.startsWith('Learn')`, 'Learn is open');
  await click(browser, route('Play'));
  await until(browser, `!!document.querySelector('#sentences')`, 'Play is open');
  await click(
    browser,
    `[...document.querySelectorAll('.choice label')].find(({ innerText }) => /^Your sentences/.test(innerText.trim()))`,
  );
  await until(browser, `/^2 of 2 sentences/.test((${status('Run')}).trim())`, 'the sentences are shown again');
  await click(browser, button('Share'));
  await click(browser, button('Copy link'));
  await until(browser, `location.hash.includes('text=')`, 'the link is in the address');
  expect(await browser.evaluate('window.faults ?? []')).toEqual([]);
  const link = await browser.evaluate<string>('location.href');
  await browser.open('about:blank');
  await browser.open(link);
  expect(link.startsWith(url)).toBe(true);
  await until(browser, `/^2 of 2 sentences/.test((${status('Run')}).trim())`, 'the link runs its sentences');
}

for (const [name, start] of [
  ['Firefox', firefox()],
  ['WebKitGTK', webkit()],
] as const satisfies readonly (readonly [string, StartBrowser])[]) {
  test(`the page does its job in ${name}`, { tag: '@smoke' }, async ({ server }) => {
    test.skip(start === undefined, `${name} is not installed here.`);
    const browser = await start?.();
    if (!browser) return;
    try {
      await browser.open(server.url);
      await doTheJob(browser, server.url);
    } finally {
      await browser.close();
    }
  });
}
