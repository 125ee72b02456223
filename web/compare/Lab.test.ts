import { describe, expect, it } from 'vitest';
import { hasCode } from '../../core/errors';
import { fakeCalibration, fakeModelWithPolicyFiles } from '../../core/testing/fake-policy-files';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import { Settings } from '../state/Settings.svelte';
import { Lab } from './Lab.svelte';

const ones = new Array<number>(12).fill(1);

function labWith(devRows: CalibratedTrace | undefined = calibrateTrace(fakeCalibration(3), ones), data?: unknown) {
  const { manifest, policyFiles } = fakeModelWithPolicyFiles(data);
  const settings = new Settings(manifest);
  const devSplit = {
    problem: undefined,
    load: () => Promise.resolve(),
    get calibrated() {
      return settings.fields.task === 'sst2' ? devRows : undefined;
    },
  };
  const noWorker = () => {
    throw new Error('No worker is needed here.');
  };
  return { settings, devRows, lab: new Lab(settings, devSplit, policyFiles, noWorker) };
}

describe('what the Lab reports on', () => {
  it('is the dev split of the task, with all that was fitted for it', async () => {
    const { lab, devRows, settings } = labWith();
    expect(lab.source).toEqual({ name: 'Sentiment dev split', trace: devRows, isLabelled: true });
    expect(lab.setting).toBeUndefined();
    await lab.load('sst2');
    expect(lab.setting).toMatchObject({ evaluation: devRows, calibration: lab.calibration, plan: settings.plan });
    expect(lab.calibration?.trace.rows).toBe(500);
    settings.set({ mobileLayer: 3 });
    expect(lab.setting?.costs.mobileLayer).toBe(3);
  });

  it('is fetched twice without being another setting', async () => {
    const { lab } = labWith();
    const loads = [lab.load('sst2'), lab.load('sst2')];
    await loads[0];
    const { fitted } = lab;
    await loads[1];
    expect(fitted).toBeDefined();
    expect(lab.fitted).toBe(fitted);
  });

  it('is a person’s own rows where they are of the task that is set', () => {
    const { lab, settings, devRows } = labWith();
    settings.setTask('mnli');
    lab.openTrace({ ...fakeCalibration(5), isLabelled: false }, 'my rows');
    expect(settings.fields.task).toBe('sst2');
    expect([lab.source?.name, lab.source?.isLabelled, lab.source?.trace.trace.rows, lab.isOwn]).toEqual([
      'my rows',
      false,
      5,
      true,
    ]);
    settings.setTask('mnli');
    expect([lab.source, lab.isOwn]).toEqual([undefined, false]);
    settings.setTask('sst2');
    expect(lab.source?.name).toBe('my rows');
    lab.closeTrace();
    expect([lab.source?.trace, lab.isOwn]).toEqual([devRows, false]);
  });

  it('is never rows of another network', () => {
    const { lab } = labWith();
    expect(() => lab.openTrace({ ...fakeCalibration(5), layers: 6 }, 'six')).toThrow(
      /“six” has 6 layers and 2 classes/,
    );
    expect(() => lab.openTrace({ ...fakeCalibration(5), task: 'none' }, 'none')).toThrow(
      expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')),
    );
    expect(lab.isOwn).toBe(false);
  });

  it('says why there is nothing, and that it cannot compute yet', async () => {
    const { lab } = labWith(undefined, { format: 7 });
    await lab.load('sst2');
    expect(lab.problem).toContain('What policies of this task were fitted to could not be loaded');
    await expect(lab.compute('reliability', {})).rejects.toSatisfy((error) => hasCode(error, 'INTERNAL'));
  });
});
