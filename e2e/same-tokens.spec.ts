import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { createServer, type ViteDevServer } from 'vite';
import type { TokenHashes } from '../core/testing/same-tokens';
import type { Comparison } from './same-tokens.worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(`${root}/${path}`, 'utf8');

let server: ViteDevServer;

test.beforeAll(async () => {
  server = await createServer({ configFile: `${root}/vite.config.ts`, root, logLevel: 'error' });
  await server.listen(0);
});
test.afterAll(() => server.close());

test('a browser’s worker gives the tokens of the Python tokeniser, whatever Unicode the browser knows', async ({
  page,
}) => {
  const { codePoints, mixed, mixedStrings } = JSON.parse(await read('core/testing/token-hashes.json')) as TokenHashes;
  await page.goto(`${server.resolvedUrls?.local[0]}icon.svg`);
  for (const [path, hashes] of Object.entries(codePoints)) {
    const asked = { tokenizer: await read(path), codePoints: hashes, mixed, mixedStrings: mixedStrings[path] ?? '' };
    const answer = await page.evaluate(
      (comparison: Comparison) =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/e2e/same-tokens.worker.ts', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(comparison);
        }),
      asked,
    );
    expect(answer).toEqual({ differences: [] });
  }
});
