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
  const playground = new Playground(fakeModelWithDevSplits(), manifestUrl, ['ws://localhost/v1']);
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

/** As a tab is closed: the next page knows nothing of this one. */
function leave() {
  stop?.();
  workers.length = 0;
  sessionStorage.clear();
  history.replaceState(null, '', '/');
}

afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

describe('the page', () => {
  it('loads the model and shows the dev split', async () => {
    const { worker, picture } = await opened();
    expect(worker.asked).toEqual([
      {
        ...{ type: 'load', manifestUrl: manifestUrl.href, edges: [{ url: 'ws://localhost/v1', token: undefined }] },
        ...{ backend: 'auto', variant: 'auto', mobileLayers: 4 },
      },
    ]);
    await vi.waitUntil(() => picture.view !== undefined);
    expect(picture.view?.rows).toBe(4);
  });

  it('takes back one press at a time, however soon the next came', async () => {
    const { playground, settings } = await opened();
    playground.asStep(() => settings.set({ network: 'wifi' }));
    playground.asStep(() => settings.set({ network: '3g' }));
    playground.undo();
    await vi.waitUntil(() => settings.fields.network === 'wifi');
    playground.undo();
    await vi.waitUntil(() => settings.fields.network !== 'wifi');
    expect(settings.fields.network).toBe('4g');
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

  it('shows the dev split where a link names a file, and says so', async () => {
    const { settings, notices, playground } = await opened('#v=2&show=file');
    expect(settings.fields.source).toBe('dev');
    expect(notices.all).toEqual([expect.stringContaining('A link never holds a file')]);
    await vi.waitUntil(() => playground.shownRows.source !== undefined);
    expect(playground.shownRows.source).toMatchObject({ kind: 'dev', count: 4, hasTexts: false, hasGold: true });
  });

  it('shows the rows that are asked for, of whichever source', async () => {
    const { playground, worker, settings, shownRows, rowFilter } = await opened();
    await vi.waitUntil(() => shownRows.source !== undefined);
    settings.setParameters({ mobileThreshold: 0.85, edgeThreshold: 0.85, cloudThreshold: 0.85 });
    const layers = Array.from({ length: 4 }, (_, index) => shownRows.source?.rowAt(index)?.outcome?.exit.layer);
    rowFilter.set({ layer: layers[2] });
    const asked = [...layers.keys()].filter((index) => layers[index] === layers[2]);
    expect([...(shownRows.matching ?? [])]).toEqual(asked);
    expect([shownRows.count, shownRows.indexAt(0)]).toEqual([asked.length, asked[0]]);
    rowFilter.set({ layer: 12 });
    expect(shownRows.count).toBe(0);

    settings.set({ text: 'One.\nTwo.' });
    await playground.run();
    expect([shownRows.count, shownRows.source?.kind]).toEqual([2, 'sentences']);
    rowFilter.set({ tier: 'mobile' });
    expect(shownRows.count).toBe(0);
    worker.answer(9);
    worker.finish();
    await vi.waitUntil(() => shownRows.count === 2);
    rowFilter.set({ kind: 'changed' });
    expect(shownRows.count).toBe(0);
  });

  it('brings back what the examples took the place of', async () => {
    const { playground, settings, notices } = await opened();
    playground.showExamples();
    expect(notices.all).toEqual([]);
    settings.set({ text: 'Mine.' });
    playground.showExamples();
    expect(settings.fields.text).not.toBe('Mine.');
    const [notice = ''] = notices.all;
    expect(notices.actionOf(notice)?.name).toBe('Undo');
    notices.actOn(notice);
    expect(settings.fields.text).toBe('Mine.');
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
    await playground.open('#v=4&m=3&altitude=9');
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

  describe('opened by a link with results', () => {
    const TEXT = 'One.\nTwo.\nThree.';

    /** The link of somebody who has run the first two. */
    async function linkWithResults() {
      const { playground, worker, settings, sentences } = await opened();
      settings.set({ text: TEXT });
      await playground.run();
      worker.answer(9, worker.run.samples.slice(0, 2));
      await vi.waitUntil(() => sentences.totals.decided === 2);
      const hash = await settings.link(sentences.answers());
      leave();
      return hash;
    }

    it('shows them as the sender’s, and runs nothing until it is asked to', async () => {
      const { playground, worker, sentences, picture } = await opened(await linkWithResults());
      await vi.waitUntil(() => sentences.totals.decided === 2);
      expect([sentences.areSent, sentences.count, worker.runs]).toEqual([true, 3, []]);
      expect(sentences.rowAt(0)?.outcome).toMatchObject({
        ...{ exit: { layer: 1, label: 0, confidence: 1 }, tier: 'mobile', cost: 1, latencyMs: Number.NaN },
      });
      expect(sentences.rowAt(2)?.outcome).toBeUndefined();
      expect(picture.view?.rows).toBe(2);
      await playground.run();
      expect(worker.run.samples.map(({ texts }) => texts)).toEqual([['One.'], ['Two.'], ['Three.']]);
      worker.answer(9);
      await vi.waitUntil(() => sentences.totals.decided === 3);
      expect([sentences.areSent, sentences.rowAt(0)?.outcome?.latencyMs]).toEqual([false, 1]);
    });

    it('decides nothing by them once a threshold has moved, and brings them again when it is back', async () => {
      const { worker, settings, sentences } = await opened(await linkWithResults());
      await vi.waitUntil(() => sentences.totals.decided === 2);
      const { parameters } = settings;
      settings.setParameters({ mobileThreshold: 0.61 });
      await vi.waitUntil(() => sentences.totals.decided === 0);
      expect(sentences.answers()).toEqual([undefined, undefined, undefined]);
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(worker.runs).toEqual([]);
      settings.setParameters(parameters);
      await vi.waitUntil(() => sentences.totals.decided === 2);
    });

    it('keeps them through a reload, with the settings that they are of', async () => {
      const first = await opened(await linkWithResults());
      await vi.waitUntil(() => first.sentences.totals.decided === 2);
      first.settings.setParameters({ mobileThreshold: 0.61 });
      flushSync();
      const saved = first.settings.save();
      leave();
      const { playground, sentences, settings } = await opened();
      await playground.open(saved);
      flushSync();
      expect([sentences.areSent, sentences.count, sentences.totals.decided]).toEqual([true, 3, 0]);
      expect(settings.sent?.under).not.toBe(settings.decidedBy);
    });

    it('leaves them out with a word where they are not of its sentences', async () => {
      const hash = await linkWithResults();
      const { settings } = await opened();
      settings.set({ text: 'One line alone.' });
      const results = new URLSearchParams(hash.slice(1)).get('results') ?? '';
      const link = `${await settings.link()}&results=${results}`;
      leave();
      const { notices, sentences } = await opened(link);
      await vi.waitUntil(() => notices.all.length > 0);
      expect(notices.all.join()).toMatch(/results that came with this link are of 3 lines, and its text has 1/);
      expect(sentences.areSent).toBe(false);
    });
  });
});
