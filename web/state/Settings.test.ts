import { describe, expect, it } from 'vitest';
import { fakeManifest, fakeManifestJson } from '../../core/testing/fake-manifest';
import { parseManifest } from '../../core/model/manifest';
import { Settings } from './Settings.svelte';

describe('settings', () => {
  it('take over a link whole: what it leaves out is at its default', async () => {
    const [sender, receiver] = [new Settings(fakeManifest()), new Settings(fakeManifest())];
    sender.set({ text: 'One sentence.', mobileLayer: 3 });
    sender.setParameters({ mobileThreshold: 0.7 });
    sender.set({ aim: 'equalCost', costCutPercent: 75, onlinePolicy: 'i-splitee', onlineSeed: 3, passes: 4 });
    sender.setOnlineParameters({ rampCost: 0.1 });
    receiver.set({ policy: 'patience', edgeToCloud: 9, seed: 5, allowedLoss: 2, onlinePolicy: 'i-splitee' });
    receiver.setOnlineParameters({ exploration: 2 });
    expect(await receiver.applyLink(await sender.link())).toBeUndefined();
    expect({ ...receiver.fields }).toEqual({ ...sender.fields });
    expect(receiver.parameters).toEqual(sender.parameters);
    expect(receiver.online).toEqual(sender.online);
    expect(receiver.online).toMatchObject({ parameters: { rampCost: 0.1, exploration: 1 }, seed: 3, passes: 4 });
    expect(receiver.aim).toEqual({ kind: 'equalCost', costCutPercent: 75 });
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

  it('are kept and restored whole, with what was written for every task', async () => {
    const [before, after] = [new Settings(fakeManifest()), new Settings(fakeManifest())];
    before.set({ text: 'For sentiment.', view: 'compare', mobileLayer: 2 });
    before.setParameters({ mobileThreshold: 0.62 });
    before.setTask('mnli');
    before.set({ text: 'A premise.\tA hypothesis.' });
    await after.restore(JSON.parse(JSON.stringify(before.save())) as ReturnType<Settings['save']>);
    expect({ ...after.fields }).toEqual({ ...before.fields });
    expect(after.parameters).toEqual(before.parameters);
    after.setTask('sst2');
    expect(after.fields.text).toBe('For sentiment.');
  });

  it('begin each task at the thresholds that were calibrated for it, and carry none to another', () => {
    const json = fakeManifestJson();
    const { sst2, ...others } = json.tasks;
    const thresholds = { mobile: 0.715, edge: 0.58 };
    const settings = new Settings(parseManifest({ ...json, tasks: { sst2: { ...sst2, thresholds }, ...others } }));
    expect(settings.parameters).toMatchObject({ mobileThreshold: 0.715, edgeThreshold: 0.58 });
    settings.setParameters({ mobileThreshold: 0.62 });
    settings.setTask('mnli');
    expect(settings.parameters.mobileThreshold).not.toBe(0.62);
    settings.setTask('sst2');
    expect(settings.parameters).toMatchObject({ mobileThreshold: 0.62, edgeThreshold: 0.58 });
    settings.set({ policy: 'patience' });
    expect(settings.calibrated).toEqual({});
  });

  it('seek an allowed loss, or a cost where that is chosen', () => {
    const settings = new Settings(fakeManifest());
    expect(settings.aim).toEqual({ kind: 'allowedLoss', points: 0.3 });
    settings.set({ allowedLoss: 1.5 });
    expect(settings.aim).toEqual({ kind: 'allowedLoss', points: 1.5 });
    settings.set({ aim: 'equalCost' });
    expect(settings.aim).toEqual({ kind: 'equalCost', costCutPercent: 60 });
  });

  it('keep each policy’s own parameters where it learns', () => {
    const settings = new Settings(fakeManifest());
    settings.setOnlineParameters({ threshold: 0.7 });
    settings.set({ onlinePolicy: 'contextual-bandit' });
    expect(settings.online.parameters).toEqual({ costWeight: 0.01, exploration: 1.5 });
    settings.set({ onlinePolicy: 'splitee' });
    expect(settings.online.parameters).toMatchObject({ threshold: 0.7 });
  });

  it('keep m at most n, whichever moves', () => {
    const settings = new Settings(fakeManifest());
    settings.setPlan({ mobileLayers: 10 });
    expect(settings.plan).toEqual({ mobileLayers: 10, edgeLayers: 10 });
    settings.setPlan({ edgeLayers: 3 });
    expect(settings.plan).toEqual({ mobileLayers: 3, edgeLayers: 3 });
  });
});
