// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { flushSync } from 'svelte';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeWorker } from '../testing/fake-worker';
import { MemoryStore } from '../testing/memory-store';
import { Fitting } from './Fitting.svelte';
import { SentenceKeeper } from './SentenceKeeper.svelte';
import { Sentences } from './Sentences.svelte';
import { Settings } from './Settings.svelte';
import { WorkerTier } from './WorkerTier.svelte';

/** A page that was opened with what a store has. */
function openedWith(store: MemoryStore) {
  const [settings, worker] = [new Settings(fakeManifest()), new FakeWorker()];
  const fitting = new Fitting(settings, { fittedFor: () => Promise.reject(new Error('Nothing is fitted.')) });
  const sentences = new Sentences(settings, fitting, new WorkerTier({ start: () => worker }));
  const keeper = new SentenceKeeper(store, settings, sentences);
  const stop = $effect.root(() => {
    $effect(() => keeper.follow());
  });
  flushSync();
  return { settings, worker, sentences, keeper, stop };
}

async function leftAfterRun(): Promise<MemoryStore> {
  const store = new MemoryStore();
  const { settings, worker, sentences, stop } = openedWith(store);
  settings.set({ text: 'Bread and song.\nA grey hour.' });
  sentences.run();
  worker.answer(9);
  worker.finish();
  flushSync();
  await vi.waitUntil(() => store.kept.size > 0, { timeout: 5000 });
  stop();
  return store;
}

describe('sentences after a reload', () => {
  it('are answered as they were, and only what is new runs', async () => {
    const { settings, worker, sentences, keeper, stop } = openedWith(await leftAfterRun());
    await keeper.recall();
    settings.set({ text: 'A grey hour.\nBread and song.\nA new one.' });
    sentences.run();
    await vi.waitUntil(() => sentences.totals.decided === 2);
    expect(worker.run.samples.map(({ texts }) => texts)).toEqual([['A new one.']]);
    stop();
  });

  it('run again with other weights', async () => {
    const { settings, worker, sentences, keeper, stop } = openedWith(await leftAfterRun());
    settings.set({ variant: 'fp16', text: 'Bread and song.' });
    await keeper.recall();
    sentences.run();
    expect(worker.run.samples).toHaveLength(1);
    expect(sentences.totals.decided).toBe(0);
    stop();
  });
});
