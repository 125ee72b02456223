import type { Page } from '@playwright/test';
import { CODED_BYTES, payloadByteLength, type PayloadDtype } from '../core/payload/dtypes';
import { expect, open, results, runSentences, SENTENCES, test } from './testing/playground';
import type { Server } from './testing/server';

const HIDDEN = 384;

/** Every sentence crosses after layer 4 and leaves after layer 5. */
async function cross(page: Page, server: Server, payload: PayloadDtype) {
  await page.goto('about:blank');
  await open(page, server, `#v=1&task=sst2&m=4&n=8&mobileThreshold=1&edgeThreshold=0&payload=${payload}`);
  await runSentences(page, 'SST-2', SENTENCES['SST-2']);
  return results(page);
}

test('coded payloads cross in the bytes they promise, and hardly change what is answered', async ({ page, server }) => {
  const plain = await cross(page, server, 'int8');
  for (const payload of ['coded216', 'coded96'] as const) {
    const coded = await cross(page, server, payload);
    let alike = 0;
    for (const [index, row] of coded.entries()) {
      const before = plain[index];
      expect([row.exitLayer, row.tier, row.ranLocally]).toEqual([5, 'edge', null]);
      const saved = payloadByteLength('int8', row.tokens, HIDDEN) - CODED_BYTES[payload] * row.tokens;
      // The request itself names its payload.
      expect((before?.bytesUp ?? Number.NaN) - row.bytesUp).toBeGreaterThanOrEqual(saved - payload.length);
      if (row.prediction === before?.prediction) alike++;
    }
    expect(alike).toBeGreaterThanOrEqual(coded.length - 1);
  }
});
