import { expect, open, results, runSentences, SENTENCES, test } from './testing/playground';

/** Every layer on the mobile tier, no early exit: all twelve exits' logits come from this browser. */
const ALL_HERE = '#v=1&task=sst2&m=12&n=12&mobileThreshold=1&edgeThreshold=1&variant=fp16';

test('WebGPU gives the logits of WASM within 1e-3', async ({ page, server }) => {
  const sentences = SENTENCES['SST-2'].slice(0, 2);
  const logits: number[][] = [];
  for (const [backend, name] of [
    ['wasm', 'WASM'],
    ['webgpu', 'WebGPU'],
  ]) {
    await page.goto('about:blank');
    await open(page, server, `${ALL_HERE}&backend=${backend}`);
    await runSentences(page, 'SST-2', sentences);
    await expect(page.getByRole('status', { name: 'Backend' })).toContainText(name ?? '');
    const rows = await results(page);
    expect(rows.every(({ exits }) => exits.length === 12)).toBe(true);
    logits.push(rows.flatMap(({ exits }) => exits.flatMap((exit) => exit.logits)));
  }
  const [wasm = [], webgpu = []] = logits;
  const largest = Math.max(...wasm.map((logit, index) => Math.abs(logit - (webgpu[index] ?? Number.NaN))));
  expect(largest).toBeLessThan(1e-3);
});
