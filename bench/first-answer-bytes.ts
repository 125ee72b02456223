import { connect, createServer, type AddressInfo } from 'node:net';
import { chromium } from 'playwright';
import { ServerProcess } from '../edge-server/testing/server-process';
import { browserOptions } from '../scripts/setup.mjs';
import type { Benchmark } from './benchmark';

/** Everything a fresh browser receives until its first sentence is answered, counted on the connection itself. */
export const firstAnswerBytes: Benchmark = {
  name: 'first-answer-bytes',
  about: 'bytes until the first sentence is answered, m = 4, q8, WASM runtime included',
  async run() {
    const server = await ServerProcess.start([]);
    const counter = await countingProxy(server.port);
    const browser = await chromium.launch(browserOptions());
    const page = await browser.newPage();
    await page.goto(`${counter.url}#v=1&task=sst2&m=4&n=8&backend=wasm&variant=q8`);
    await page.getByRole('textbox', { name: 'Sentences' }).fill('A warm and funny film.');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('status', { name: 'Run' }).getByText('1 of 1 sentences').waitFor({ timeout: 120_000 });
    const received = counter.bytes();
    await browser.close();
    counter.stop();
    await server.stop();
    return {
      claim: 'bytes that a fresh browser receives until the first sentence is answered',
      value: received / 1e6,
      bound: 24,
      unit: 'MB',
      details: {},
    };
  },
};

/** Passes TCP through to a port and counts what comes back. */
async function countingProxy(port: number) {
  let bytes = 0;
  const proxy = createServer((client) => {
    const upstream = connect(port, 'localhost');
    upstream.on('data', (chunk) => (bytes += chunk.byteLength));
    for (const socket of [client, upstream]) socket.on('error', () => (client.destroy(), upstream.destroy()));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(proxy.address() as AddressInfo).port}/`,
    bytes: () => bytes,
    stop: () => proxy.close(),
  };
}
