import { describe, expect, it } from 'vitest';
import { hasCode } from '../../core/errors';
import { fakeCalibration, fakeModelWithPolicyFiles } from '../../core/testing/fake-policy-files';
import { type CalibratedTrace, calibrateTrace } from '../../core/trace/calibrated-trace';
import type { OwnRows } from '../../core/own-data/own-rows';
import type { OwnResult } from '../own-data/OwnResult';
import { Settings } from '../state/Settings.svelte';
import { Lab } from './Lab.svelte';

const ones = new Array<number>(12).fill(1);

function labWith(
  devRows: CalibratedTrace | undefined = calibrateTrace(fakeCalibration(3), ones),
  data?: unknown,
  ownRows?: CalibratedTrace,
) {
  const { manifest, policyFiles } = fakeModelWithPolicyFiles(data);
  const settings = new Settings(manifest);
  const devSplit = {
    problem: undefined,
    load: () => Promise.resolve(),
    get calibrated() {
      return settings.fields.task === 'sst2' ? devRows : undefined;
    },
  };
  const result = { name: 'films.csv' } as OwnResult;
  const written = { texts: [['One film.'], ['Another.']] } as unknown as OwnRows;
  const own = { result, calibrated: ownRows, written };
  const noWorker = () => {
    throw new Error('No worker is needed here.');
  };
  return { settings, devRows, lab: new Lab(settings, devSplit, own, policyFiles, noWorker) };
}

describe('what the Lab reports on', () => {
  it('is the dev split of the task, with all that was fitted for it', async () => {
    const { lab, devRows, settings } = labWith();
    expect(lab.source).toEqual({ name: 'Sentiment', trace: devRows, isLabelled: true, isOwn: false });
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

  it('is a person’s own rows with their texts where the page shows those, and else the dev split', () => {
    const rows = calibrateTrace({ ...fakeCalibration(2), isLabelled: false }, ones);
    const { lab, settings, devRows } = labWith(undefined, undefined, rows);
    expect([lab.source?.name, lab.isOwn]).toEqual(['Sentiment', false]);
    settings.set({ source: 'file' });
    expect(lab.source).toEqual({
      ...{ name: 'films.csv', trace: rows, isLabelled: false, isOwn: true },
      texts: [['One film.'], ['Another.']],
    });
    settings.set({ source: 'dev' });
    expect([lab.source?.trace, lab.isOwn]).toEqual([devRows, false]);
  });

  it('is the dev split where of a person’s own rows the answers alone are known', () => {
    const { lab, settings } = labWith();
    settings.set({ source: 'file' });
    expect([lab.source?.name, lab.isOwn]).toEqual(['Sentiment', false]);
  });

  it('says why there is nothing, and that it cannot compute yet', async () => {
    const { lab } = labWith(undefined, { format: 7 });
    await lab.load('sst2');
    expect(lab.problem).toContain('What policies of this task were fitted to could not be loaded');
    await expect(lab.compute('reliability', {})).rejects.toSatisfy((error) => hasCode(error, 'INTERNAL'));
  });
});
