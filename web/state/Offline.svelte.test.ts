// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { networkFiles, taskFiles } from '../../core/model/kept-files';
import { parseManifest } from '../../core/model/manifest';
import type { OfflineMessage } from '../../core/protocol/offline-messages';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeWorker } from '../testing/fake-worker';
import { Offline } from './Offline.svelte';
import { WorkerTier } from './WorkerTier.svelte';

const manifest = parseManifest(fakeManifest());
const manifestUrl = new URL('http://host/models/fake/manifest.json');
const variant = Object.keys(manifest.variants)[0] ?? '';
const ofTasks = taskFiles(manifest).map(({ sha256 }) => sha256);
const ofNetwork = networkFiles(manifest, variant).map(({ sha256 }) => sha256);
let stop: (() => void) | undefined;
afterEach(() => stop?.());

/** A browser that keeps what it is given, and had a visit before where it has some of it already. */
function page(had: { files?: readonly string[]; worker?: boolean } = {}) {
  const disk = new Set(had.files);
  const worker = { runs: had.worker ?? false, keeps: had.worker ?? false, asked: new Array<OfflineMessage['type']>() };
  const mobile = new FakeWorker();
  const tier = new WorkerTier({ start: () => mobile });
  tier.load({ manifestUrl: manifestUrl.href, edges: [], backend: 'auto', variant: 'auto', mobileLayers: 4 });
  const offline = new Offline({
    ...{ manifest, manifestUrl, tier },
    worker: {
      start: async () => void (worker.runs = true),
      isThere: async () => worker.runs,
      ask: async ({ type }) => {
        worker.asked.push(type);
        if (type === 'keep') worker.keeps = true;
        return worker.keeps;
      },
    },
    fetchFile: async ({ sha256 }) => disk.add(sha256),
    keptFiles: async (files) => new Set(files.map(({ sha256 }) => sha256).filter((sha256) => disk.has(sha256))),
  });
  stop = $effect.root(() => {
    $effect(() => offline.follow());
  });
  const start = () => {
    mobile.tell({ type: 'backend', backend: 'wasm', variant, threads: 1, adapter: undefined, fallback: undefined });
    flushSync();
  };
  /** Layers that have come, which the mobile tier keeps itself. */
  const come = (layers: number) => {
    networkFiles(manifest, variant)
      .slice(0, layers + 2)
      .forEach(({ sha256 }) => disk.add(sha256));
    mobile.tell({ type: 'ready', layers });
    flushSync();
  };
  return { offline, worker, disk, mobile, start, come };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('what works offline', () => {
  it('is said when all is kept, not before, and fetches nothing until it is asked to', async () => {
    const { offline, worker, disk, start, come } = page();
    expect([offline.works, offline.missingBytes]).toEqual([false, undefined]);
    start();
    come(4);
    await settled();
    expect([offline.works, offline.isPreparing, worker.asked]).toEqual([false, false, []]);
    expect(offline.missingBytes).toBeGreaterThan(0);
    offline.prepare();
    flushSync();
    expect(offline.isPreparing).toBe(true);
    come(12);
    await vi.waitUntil(() => offline.works);
    expect([...ofTasks, ...ofNetwork].every((sha256) => disk.has(sha256))).toBe(true);
    expect([worker.asked[0], offline.missingBytes, offline.isPreparing]).toEqual(['keep', 0, false]);
  });

  it('is found to be kept by an earlier visit, without a byte', async () => {
    const { offline, worker, start } = page({ files: [...ofTasks, ...ofNetwork], worker: true });
    start();
    await vi.waitUntil(() => offline.works);
    expect(worker.asked).toEqual(['isKept']);
  });

  it.each([
    [
      'one file of the model',
      { files: [...ofTasks, ...ofNetwork].filter((sha256) => sha256 !== ofNetwork[3]), worker: true },
    ],
    ['the page’s own files', { files: [...ofTasks, ...ofNetwork], worker: false }],
  ])('does not while %s is missing', async (_, had) => {
    const { offline, start } = page(had);
    start();
    await settled();
    expect(offline.works).toBe(false);
  });

  it('says that it failed, and can be tried again', async () => {
    const { offline, start, come, disk } = page({ files: ofTasks });
    start();
    come(12);
    await settled();
    disk.delete(ofNetwork[3] ?? '');
    offline.prepare();
    flushSync();
    await vi.waitUntil(() => offline.hasFailed);
    expect([offline.works, offline.isPreparing]).toEqual([false, false]);
    disk.add(ofNetwork[3] ?? '');
    offline.prepare();
    flushSync();
    await vi.waitUntil(() => offline.works);
  });

  it('is of the weights that were kept alone', async () => {
    const { offline, mobile, start } = page({ files: [...ofTasks, ...ofNetwork], worker: true });
    start();
    await vi.waitUntil(() => offline.works);
    const other = {
      type: 'backend',
      backend: 'webgpu',
      variant: Object.keys(manifest.variants)[1] ?? variant,
    } as const;
    mobile.tell({ ...other, threads: 1, adapter: undefined, fallback: undefined });
    flushSync();
    expect(offline.works).toBe(false);
  });
});
