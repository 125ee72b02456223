import { describe, expect, it } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { Settings } from './Settings.svelte';

describe('settings', () => {
  it('take over a link whole: what it leaves out is at its default', async () => {
    const [sender, receiver] = [new Settings(fakeManifest()), new Settings(fakeManifest())];
    sender.set({ text: 'One sentence.', mobileLayer: 3 });
    sender.setParameters({ mobileThreshold: 0.7 });
    receiver.set({ policy: 'patience', edgeToCloud: 9, seed: 5 });
    expect(await receiver.applyLink(await sender.link())).toEqual([]);
    expect({ ...receiver.fields }).toEqual({ ...sender.fields });
    expect(receiver.parameters).toEqual(sender.parameters);
  });

  it('stay as they are without a link', async () => {
    const settings = new Settings(fakeManifest());
    settings.set({ seed: 5 });
    await settings.applyLink('');
    expect(settings.fields.seed).toBe(5);
  });

  it('keep what was written for a task that another one cannot use', () => {
    const settings = new Settings(fakeManifest());
    settings.set({ text: 'My own sentence.' });
    settings.setTask('mnli');
    expect(settings.fields.text).not.toContain('My own sentence.');
    settings.setTask('sst2');
    expect(settings.fields.text).toBe('My own sentence.');
  });

  it('keep m at most n, whichever moves', () => {
    const settings = new Settings(fakeManifest());
    settings.setPlan({ mobileLayers: 10 });
    expect(settings.plan).toEqual({ mobileLayers: 10, edgeLayers: 10 });
    settings.setPlan({ edgeLayers: 3 });
    expect(settings.plan).toEqual({ mobileLayers: 3, edgeLayers: 3 });
  });
});
