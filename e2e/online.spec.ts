import type { Locator, Page } from '@playwright/test';
import { expect, openCompare, openPill, test } from './testing/playground';
import type { Server } from './testing/server';

const REGRET = /^After (\d+) of 872 sentences: regret -?[\d.]+ against the best fixed choice, split after layer \d+;/;

async function openPanel(page: Page, server: Server): Promise<Locator> {
  await openCompare(page, server, '&task=sst2&panel=online');
  const panel = page.getByRole('region', { name: 'Learning on the way' });
  await expect(panel.getByRole('button', { name: 'Start' })).toBeEnabled();
  return panel;
}

const regretOf = (panel: Locator) => panel.getByRole('img', { name: 'Cumulative regret' });

test('a policy learns on the way: start, pause, one step, reset', async ({ page, server }) => {
  const panel = await openPanel(page, server);
  await expect(regretOf(panel)).toHaveText('No sentences yet.');
  await panel.getByRole('slider', { name: 'Speed' }).fill('1');
  await panel.getByRole('button', { name: 'Start' }).click();
  await expect(regretOf(panel)).toHaveText(REGRET);
  await expect(panel.getByRole('cell', { name: /^\d\d\.\d %$/ }).first()).toBeVisible();
  await panel.getByRole('button', { name: 'Pause' }).click();
  const paused = await settled(regretOf(panel));
  await panel.getByRole('button', { name: 'One step' }).click();
  await expect(regretOf(panel)).toHaveText(new RegExp(`^After ${stepsIn(paused) + 1} of 872`));
  await panel.getByRole('button', { name: 'Begin again' }).click();
  await expect(regretOf(panel)).toHaveText('No sentences yet.');
});

test('the same seed gives the same regret, another seed another', async ({ page, server }) => {
  const panel = await openPanel(page, server);
  await panel.getByRole('slider', { name: 'Speed' }).fill('3');
  const atTheEnd = async (button: string) => {
    await panel.getByRole('button', { name: button }).click();
    await expect(panel.getByRole('status', { name: 'Online run' })).toHaveText('872 of 872 sentences, the end', {
      timeout: 60_000,
    });
    return regretOf(panel).textContent();
  };
  const first = await atTheEnd('Start');
  expect(await atTheEnd('Replay')).toBe(first);
  await panel.getByRole('slider', { name: 'Seed of the stream' }).fill('9');
  await expect(regretOf(panel)).toHaveText('No sentences yet.');
  expect(await atTheEnd('Start')).not.toBe(first);
});

test('rows come mistyped from half-way on, rewards late, and a link keeps both', async ({ page, server }) => {
  const panel = await openPanel(page, server);
  await panel.getByRole('slider', { name: 'Speed' }).fill('3');
  await panel.getByRole('slider', { name: 'Delay' }).fill('20');
  await panel.getByRole('checkbox', { name: 'Mistype the rows from half-way on' }).check();
  await panel.getByRole('button', { name: 'One step' }).click();
  await expect(panel.getByText('From sentence 401 on the same rows come mistyped.')).toBeVisible();
  await panel
    .getByRole('button', { name: 'Start' })
    .or(panel.getByRole('button', { name: 'Go on' }))
    .click();
  await expect(panel.getByRole('status', { name: 'Online run' })).toHaveText('800 of 800 sentences, the end', {
    timeout: 60_000,
  });
  await expect(
    panel.getByText(/^Since sentence 401 .* Regret before: -?[\d.]+ against split after layer \d+; since/),
  ).toBeVisible();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/change=mistyped&delay=20/);
});

test('another task begins anew', async ({ page, server }) => {
  const panel = await openPanel(page, server);
  await panel.getByRole('combobox', { name: 'Online policy' }).selectOption('Contextual bandit');
  await panel.getByRole('button', { name: 'One step' }).click();
  await expect(regretOf(panel)).toHaveText(/^After 1 of 872 sentences/);
  await openPill(page, 'SST-2');
  await page.getByRole('combobox', { name: 'Task' }).selectOption('RTE');
  await expect(regretOf(panel)).toHaveText('No sentences yet.');
  await panel.getByRole('button', { name: 'One step' }).click();
  await expect(regretOf(panel)).toHaveText(/^After 1 of 277 sentences/);
});

const stepsIn = (text: string) => Number(REGRET.exec(text)?.[1]);

/** Its text as soon as it stays the same. */
async function settled(of: Locator): Promise<string> {
  let text = '';
  await expect(async () => {
    const before = text;
    text = (await of.textContent()) ?? '';
    expect(text).toBe(before);
  }).toPass({ intervals: [400] });
  return text;
}
