// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { provideDevSplit, provideLanguage, provideNotices, provideSettings, provideTier } from '../contexts';
import type { DevSplit } from '../state/DevSplit.svelte';
import { Notices } from '../state/Notices.svelte';
import { Settings } from '../state/Settings.svelte';
import { WorkerTier } from '../state/WorkerTier.svelte';
import { Language } from '../words/language.svelte';
import { FakeWorker } from '../testing/fake-worker';
import { renderWith } from '../testing/render';
import NoticesView from './Notices.svelte';

function rendered(devSplit: Partial<DevSplit> = {}) {
  const [settings, notices, worker] = [new Settings(fakeManifest()), new Notices(), new FakeWorker()];
  const tier = new WorkerTier({ start: () => worker });
  renderWith(
    () => {
      provideLanguage(new Language());
      provideSettings(settings);
      provideNotices(notices);
      provideTier(tier);
      provideDevSplit(devSplit as DevSplit);
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

  it('stand for as long as something is not as it should be', () => {
    rendered({ problem: 'The dev split is not there.' });
    expect(said()).toContain('The dev split is not there.');
    expect(screen.queryByRole('button')).toBeNull();
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
