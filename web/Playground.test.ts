// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Playground } from './Playground.svelte';
import { fakeModelWithDevSplits, readFake } from './testing/fake-model';
import { FakeWorker } from './testing/fake-worker';

const manifestUrl = new URL('http://localhost/models/fake/manifest.json');
const workers: FakeWorker[] = [];
let stop: (() => void) | undefined;

/** The page as it opens at an address. */
async function opened(hash = '') {
  location.hash = hash;
  // Only what changes from now on is news.
  await new Promise((resolve) => setTimeout(resolve));
  const playground = new Playground(fakeModelWithDevSplits(), manifestUrl, 'ws://localhost/v1');
  stop = playground.start();
  const [worker] = workers;
  if (!worker) throw new Error('The page has made no worker.');
  await vi.waitUntil(() => worker.asked.length > 0);
  flushSync();
  return { playground, worker, ...playground };
}

beforeEach(() => {
  vi.stubGlobal(
    'Worker',
    class extends FakeWorker {
      constructor() {
        super();
        workers.push(this);
      }
    },
  );
  vi.stubGlobal('fetch', async (url: URL) => {
    await Promise.resolve();
    return new Response(readFake({ path: url.pathname.split('/').at(-1) ?? '' }));
  });
});

afterEach(() => {
  stop?.();
  workers.length = 0;
  vi.unstubAllGlobals();
});

describe('the page', () => {
  it('loads the model and shows the dev split', async () => {
    const { worker, picture } = await opened();
    expect(worker.asked).toEqual([
      {
        ...{ type: 'load', manifestUrl: manifestUrl.href, edgeUrl: 'ws://localhost/v1' },
        ...{ backend: 'auto', variant: 'auto', mobileLayers: 4 },
      },
    ]);
    await vi.waitUntil(() => picture.view !== undefined);
    expect(picture.view?.rows).toBe(4);
  });

  it('runs at Run, shows results, and stops at Stop', async () => {
    const { playground, worker, settings, sentences, picture } = await opened();
    settings.set({ text: 'One.\nTwo.' });
    await playground.run();
    expect(worker.run.samples.map(({ texts }) => texts)).toEqual([['One.'], ['Two.']]);
    expect(settings.fields.source).toBe('sentences');
    worker.answer(9, worker.run.samples.slice(0, 1));
    playground.sentences.stop();
    expect(worker.asked.at(-1)).toEqual({ type: 'stop', runId: worker.run.runId });
    worker.finish(true);
    await vi.waitUntil(() => sentences.totals.decided === 1);
    expect(picture.view?.rows).toBe(1);
    expect([sentences.isRunning, sentences.isStopped, worker.runs.length]).toEqual([false, true, 1]);
  });

  it('sends sentences on when a moved slider asks for more, once it rests', async () => {
    const { playground, worker, settings } = await opened();
    settings.set({ text: 'One.' });
    await playground.run();
    worker.answer(3);
    worker.finish();
    settings.setParameters({ mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 });
    flushSync();
    expect(worker.runs).toHaveLength(1);
    await vi.waitUntil(() => worker.runs.length === 2);
    expect(worker.run.samples[0]?.priorLogits).toEqual([[3, 0]]);
  });

  it('opens a link as it was shared, and runs its sentences', async () => {
    const { settings } = await opened();
    settings.set({ text: 'Shared.', source: 'sentences', mobileLayers: 2, task: 'sst2' });
    const link = await settings.link();
    stop?.();
    workers.length = 0;
    const { worker, settings: theirs, notices } = await opened(link);
    expect(theirs.fields).toMatchObject({ text: 'Shared.', mobileLayers: 2 });

    expect(worker.asked.map(({ type }) => type)).toEqual(['load', 'run']);
    expect(worker.run.samples[0]?.texts).toEqual(['Shared.']);
    expect(notices.all).toEqual([]);
  });

  it('says what is wrong with a link', async () => {
    const { notices, settings } = await opened('#v=1&m=99');
    expect(notices.all).toEqual([expect.stringContaining('This link is damaged: “m” cannot be read')]);
    expect(settings.plan.mobileLayers).toBe(4);
    const [notice = ''] = notices.all;
    notices.dismiss(notice);
    expect(notices.all).toEqual([]);
  });

  it('tells a link of a newer version from a damaged one, and speaks of the link that is open alone', async () => {
    const { playground, notices, settings } = await opened('#v=1&m=99');
    await playground.open('#v=3&m=3&altitude=9');
    expect(notices.all).toEqual([expect.stringContaining('made with a newer version of this page')]);
    expect(settings.plan.mobileLayers).toBe(3);
    await playground.open('#v=1&m=3');
    expect(notices.all).toEqual([]);
  });

  it('shows another task’s dev split, and fetches it once', async () => {
    const { settings, devSplit } = await opened();
    const fetched = vi.fn(fetch);
    vi.stubGlobal('fetch', fetched);
    for (const task of ['mnli', 'sst2', 'mnli']) {
      settings.setTask(task);
      flushSync();
      await vi.waitUntil(() => devSplit.calibrated?.trace.task === task);
    }
    expect(fetched).toHaveBeenCalledOnce();
  });

  it('forgets what another device computed', async () => {
    const { playground, worker, sentences, settings } = await opened();
    settings.set({ text: 'One.' });
    await playground.run();
    worker.answer(9);
    worker.finish();
    await vi.waitUntil(() => sentences.totals.decided === 1);
    playground.setDevice({ variant: 'fp16' });
    expect(worker.asked.at(-1)).toMatchObject({ type: 'load', variant: 'fp16' });
    await vi.waitUntil(() => sentences.totals.decided === 0);
    expect(sentences.count).toBe(0);
  });

  it('asks for layers that a moved split gives to this device', async () => {
    const { playground, worker, settings } = await opened();
    playground.setPlan({ mobileLayers: 10 });
    expect(worker.asked.at(-1)).toMatchObject({ type: 'load', mobileLayers: 10 });
    expect(settings.plan).toEqual({ mobileLayers: 10, edgeLayers: 10 });
  });

  it('fetches the deeper layers when all is quiet', async () => {
    const { worker } = await opened();
    vi.useFakeTimers();
    worker.tell({ type: 'ready', layers: 4 });
    flushSync();
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    expect(worker.asked.at(-1)).toMatchObject({ type: 'load', mobileLayers: 12 });
  });
});
