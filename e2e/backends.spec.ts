import type { Page } from '@playwright/test';
import { expect, open, results, runSentences, SENTENCES, test } from './testing/playground';
import type { Server } from './testing/server';

/** Every layer on the mobile tier, no early exit: all twelve exits' logits come from this browser. */
const ALL_HERE = '#v=1&task=sst2&m=12&n=12&mobileThreshold=1&edgeThreshold=1';

/** The largest change of a logit of any exit between WASM and WebGPU, over two sentences. */
async function largestChange(page: Page, server: Server, variant: string): Promise<number> {
  const logits: number[][] = [];
  for (const backend of ['WASM', 'WebGPU']) {
    await page.goto('about:blank');
    await open(page, server, `${ALL_HERE}&variant=${variant}&backend=${backend.toLowerCase()}`);
    await runSentences(page, 'SST-2', SENTENCES['SST-2'].slice(0, 2));
    await expect(page.getByRole('status', { name: 'Backend' })).toContainText(backend);
    const rows = await results(page);
    expect(rows.every(({ exits }) => exits.length === 12)).toBe(true);
    logits.push(rows.flatMap(({ exits }) => exits.flatMap((exit) => exit.logits)));
  }
  const [wasm = [], webgpu = []] = logits;
  return Math.max(...wasm.map((logit, index) => Math.abs(logit - (webgpu[index] ?? Number.NaN))));
}

test('WebGPU gives the logits of WASM within 1e-3', async ({ page, server }) => {
  expect(await largestChange(page, server, 'fp16')).toBeLessThan(1e-3);
});

test('WebGPU gives the logits of WASM in 8 bits, where a last bit becomes a step now and then', async ({
  page,
  server,
}) => {
  expect(await largestChange(page, server, 'q8')).toBeLessThan(0.2);
});
