import { describe, expect, test } from 'vitest';
import type { Optimised, OptimiseJob } from '../../../core/lab/optimise-job';
import type { LabSetting } from '../../../core/lab/setting';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import { Settings } from '../../state/Settings.svelte';
import type { Lab } from '../Lab.svelte';
import { Optimiser } from './Optimiser.svelte';

const BEST = { mobileThreshold: 0.7, edgeThreshold: 0.6, cloudThreshold: 1 };

function optimiserWith(
  change: Partial<Optimised['row']> = {},
  meanwhile: () => void = () => undefined,
  isBetter = false,
) {
  const settings = new Settings(fakeManifest());
  settings.setParameters({ mobileThreshold: 0.8 });
  const jobs: OptimiseJob[] = [];
  const lab = {
    setting: {} as LabSetting,
    compute: async (_: string, job: OptimiseJob) => {
      jobs.push(job);
      await Promise.resolve();
      meanwhile();
      const row = { policy: job.policy, parameters: BEST, missing: null, ...change };
      return { row, onCalibration: null, before: { isBetter } } as unknown as Optimised;
    },
  };
  const optimiser = new Optimiser(lab as unknown as Lab, settings);
  return { settings, lab, jobs, optimiser };
}

describe('optimising', () => {
  test('puts the best parameters onto the sliders, and takes them back', async () => {
    const { settings, optimiser, jobs } = optimiserWith();
    const before = settings.parameters;
    await optimiser.run();
    expect(jobs).toEqual([{ policy: 'confidence', aim: { kind: 'allowedLoss', points: 0.3 }, current: before }]);
    expect(settings.parameters).toEqual(BEST);
    expect(optimiser.found).toMatchObject({ before: { id: 'confidence', parameters: before } });
    settings.set({ policy: 'patience' });
    optimiser.take('before');
    expect(settings.policy.id).toBe('confidence');
    expect(settings.parameters).toEqual(before);
    optimiser.take('after');
    expect(settings.parameters).toEqual(BEST);
  });

  test('leaves what is set where that is no worse, and takes what was found where it is asked to', async () => {
    const { settings, optimiser } = optimiserWith({}, undefined, true);
    const before = settings.parameters;
    await optimiser.run();
    expect(settings.parameters).toEqual(before);
    optimiser.take('after');
    expect(settings.parameters).toEqual(BEST);
  });

  test('leaves the sliders alone where another policy was chosen meanwhile', async () => {
    const { settings, optimiser } = optimiserWith({}, () => settings.set({ policy: 'margin' }));
    const { parameters } = settings;
    await optimiser.run();
    settings.set({ policy: 'confidence' });
    expect(settings.parameters).toEqual(parameters);
    expect(optimiser.found).toBeUndefined();
  });

  test('leaves them alone where the policy lacks something, and keeps why', async () => {
    const { settings, optimiser } = optimiserWith({ missing: 'a crystal ball' });
    const { parameters } = settings;
    await optimiser.run();
    expect(settings.parameters).toEqual(parameters);
    expect(optimiser.found?.answer.row.missing).toBe('a crystal ball');
  });

  test('shows nothing that was found under other settings', async () => {
    const { lab, optimiser } = optimiserWith();
    await optimiser.run();
    lab.setting = { ...lab.setting };
    expect(optimiser.found).toBeUndefined();
  });

  test('says what went wrong', async () => {
    const { optimiser } = optimiserWith({}, () => {
      throw new Error('The worker is gone.');
    });
    await optimiser.run();
    expect(optimiser).toMatchObject({ problem: 'The worker is gone.', isRunning: false });
  });
});
