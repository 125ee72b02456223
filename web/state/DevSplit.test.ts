import { describe, expect, it } from 'vitest';
import type { ModelFile } from '../../core/model/manifest';
import { PolicyFiles } from '../../core/trace/policy-files';
import { fakeModelWithDevSplits, readFake } from '../testing/fake-model';
import { DevSplit } from './DevSplit.svelte';
import { Fitting } from './Fitting.svelte';
import { Settings } from './Settings.svelte';

/** A dev split whose files can be had as soon as `isThere`. */
function devSplitWith() {
  const server = { isThere: true };
  const read = async (file: ModelFile) => {
    await Promise.resolve();
    if (!server.isThere) throw new Error('The server answered 503.');
    return readFake(file);
  };
  const manifest = fakeModelWithDevSplits();
  const settings = new Settings(manifest);
  const fitting = new Fitting(settings, new PolicyFiles(manifest, read));
  return { server, settings, devSplit: new DevSplit(settings, fitting, read) };
}

describe('the recorded dev split', () => {
  it('is replayed under the settings as they are', async () => {
    const { devSplit, settings } = devSplitWith();
    expect(devSplit.result).toBeUndefined();
    await devSplit.load('sst2');
    settings.set({ policy: 'all-cloud' });
    expect(devSplit.result?.summary).toMatchObject({ rows: 4, meanLayers: 12 });
    settings.set({ policy: 'confidence' });
    settings.setParameters({ mobileThreshold: 0, edgeThreshold: 0, cloudThreshold: 0 });
    expect(devSplit.result?.summary.meanLayers).toBe(1);
    expect(devSplit.result?.quality?.accuracy).toBe(0.5);
  });

  it('is that of the task which is set', async () => {
    const { devSplit, settings } = devSplitWith();
    await devSplit.load('sst2');
    settings.setTask('mnli');
    expect([devSplit.calibrated, devSplit.result]).toEqual([undefined, undefined]);
    await devSplit.load('mnli');
    expect(devSplit.calibrated?.trace.classes).toBe(3);
    settings.setTask('sst2');
    expect(devSplit.calibrated?.trace.classes).toBe(2);
  });

  it('says why it cannot be loaded, and is there once it can', async () => {
    const { devSplit, settings, server } = devSplitWith();
    server.isThere = false;
    await devSplit.load('sst2');
    expect(devSplit.problem).toBe('The recorded dev split could not be loaded: The server answered 503.');
    settings.setTask('mnli');
    expect(devSplit.problem).toBeUndefined();
    settings.setTask('sst2');
    server.isThere = true;
    await devSplit.load('sst2');
    expect([devSplit.problem, devSplit.result?.summary.rows]).toEqual([undefined, 4]);
  });

  it('says what a policy needs that was not recorded, and is not replayed under it', async () => {
    const { devSplit, settings } = devSplitWith();
    await devSplit.load('sst2');
    settings.set({ policy: 'saturation' });
    expect(devSplit.policyProblem).toContain('needs hidden states from layer to layer');
    expect(devSplit.result).toBeUndefined();
  });
});
