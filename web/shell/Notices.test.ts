// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import {
  provideDevSplit,
  provideFitting,
  provideLanguage,
  provideNotices,
  provideSettings,
  provideTier,
} from '../contexts';
import type { DevSplit } from '../state/DevSplit.svelte';
import type { Fitting } from '../state/Fitting.svelte';
import { Notices } from '../state/Notices.svelte';
import { Settings } from '../state/Settings.svelte';
import { WorkerTier } from '../state/WorkerTier.svelte';
import { FakeWorker } from '../testing/fake-worker';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import NoticesView from './Notices.svelte';

function rendered(devSplit: Partial<DevSplit> = {}, fitting: Partial<Fitting> = {}) {
  const [settings, notices, worker] = [new Settings(fakeManifest()), new Notices(), new FakeWorker()];
  const tier = new WorkerTier({ start: () => worker });
  renderWith(
    () => {
      provideLanguage(new Language());
      provideSettings(settings);
      provideNotices(notices);
      provideTier(tier);
      provideDevSplit(devSplit as DevSplit);
      provideFitting(fitting as Fitting);
      provideLanguage(new Language());
    },
    NoticesView,
    {},
  );
  return { settings, notices, worker };
}

const said = () => screen.queryByRole('alert')?.textContent ?? '';

describe('notices', () => {
  it('are said once, until they are dismissed', async () => {
    const { notices } = rendered();
    expect(said()).toBe('');
    notices.add('A link is damaged.');
    notices.add('A link is damaged.');
    flushSync();
    await fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(said()).toBe('');
  });

  it('offer what can be done about them, once', async () => {
    const { notices } = rendered();
    const act = vi.fn();
    notices.add('Your sentences are gone.', { name: 'Undo', act });
    flushSync();
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(act).toHaveBeenCalledOnce();
    expect(said()).toBe('');
  });

  it('stand for as long as something could not be fetched, and try it again', async () => {
    const load = vi.fn(() => Promise.resolve());
    const fit = vi.fn(() => Promise.resolve());
    rendered({ problem: 'The dev split is not there.', load }, { problem: 'Nothing is fitted.', load: fit });
    expect(said()).toContain('The dev split is not there.');
    const [first, second] = screen.getAllByRole('button', { name: 'Try again' });
    if (!first || !second) throw new Error('Both can be tried again.');
    await fireEvent.click(first);
    expect([load.mock.calls.length, fit.mock.calls.length]).toEqual([1, 0]);
    await fireEvent.click(second);
    expect(fit).toHaveBeenCalledOnce();
  });

  it('name what was repaired, and a fallback where WebGPU was asked for', () => {
    const { worker, settings } = rendered();
    const backend = { type: 'backend', backend: 'wasm', variant: 'q8', threads: 1, adapter: undefined } as const;
    worker.tell({ ...backend, fallback: 'There is no adapter.' });
    worker.tell({ type: 'repaired', path: 'layer-3.onnx' });
    flushSync();
    expect(said()).toContain('layer-3.onnx');
    expect(said()).not.toContain('adapter');
    settings.set({ backend: 'webgpu' });
    flushSync();
    expect(said()).toContain('There is no adapter.');
  });
});
