import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { at } from '../core/numbers/at';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { browserOptions } from '../scripts/setup.mjs';
import { type Benchmark, median } from './benchmark';
import type { Timings } from './layer-overhead.worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const THREADS = 1;

/** What the worker adds to its layers: exits, policy, kept state, copies. Both sides in one worker, in turn. */
export const layerOverhead: Benchmark = {
  name: 'layer-overhead',
  about: 'worker layer time over a bare ONNX session of the same layer, WASM, 16/32/64 tokens',
  async run() {
    const server = await createServer({ configFile: `${root}/vite.config.ts`, root, logLevel: 'error' });
    await server.listen(0);
    const address = at(server.resolvedUrls?.local ?? [], 0);
    const browser = await chromium.launch(browserOptions());
    const page = await browser.newPage();
    await page.goto(new URL('bench/layer-overhead.html', address).href);
    const request = { manifestUrl: `${address}models/${DEFAULT_MODEL}/manifest.json`, threads: THREADS };
    const all = await page.evaluate(
      (asked) => (globalThis as unknown as { measure: (asked: object) => Promise<Timings[]> }).measure(asked),
      request,
    );
    await browser.close();
    await server.close();
    const ratios = all.map(({ worker, bare }) => median(worker) / median(bare));
    return {
      claim: 'worker layer time over a bare ONNX session running the same layers',
      value: Math.max(...ratios),
      bound: 1.1,
      unit: 'times (largest of the three lengths)',
      details: Object.fromEntries(all.flatMap((timing, index) => inWords(timing, at(ratios, index)))),
    };
  },
};

function inWords({ tokens, worker, bare }: Timings, ratio: number): [string, number][] {
  return [
    [`ratio at ${tokens} tokens`, ratio],
    [`worker ms, four layers, ${tokens} tokens`, median(worker)],
    [`bare ms, four layers, ${tokens} tokens`, median(bare)],
  ];
}
