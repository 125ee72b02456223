import { describe, expect, test } from 'vitest';
import { errorData } from '../errors';
import { fakeCalibration, fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import { policyById } from '../policies';
import { ALL_FITTED, availableLive, availableRecorded, checkNeeds, whatIsMissing } from '../policies/needs';
import { PolicyFiles } from './policy-files';

describe('the files of a model that policies need', () => {
  test('are read for a policy that needs them, and once only', async () => {
    const { policyFiles, reads } = fakeModelWithPolicyFiles();
    expect(await policyFiles.fittedFor(policyById('confidence'), 'sst2')).toEqual({});
    expect(reads).toEqual([]);
    const { data, disagreements } = await policyFiles.fittedFor(policyById('quota'), 'sst2');
    expect([data, disagreements]).toEqual([fakePolicyData(), undefined]);
    await Promise.all(['quota', 'learned-exit'].map((id) => policyFiles.fittedFor(policyById(id), 'sst2')));
    expect(reads).toEqual(['policies']);
  });

  test('bring the calibration split with its exits calibrated', async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    const calibration = await policyFiles.calibrationOf('sst2');
    expect(calibration?.trace).toEqual(fakeCalibration());
    expect(await policyFiles.calibrationOf('sst2')).toBe(calibration);
  });

  test('tell how often confident answers there disagree with the last exit', async () => {
    const { policyFiles, reads } = fakeModelWithPolicyFiles();
    const riskControlled = policyById('risk-controlled');
    const { disagreements } = await policyFiles.fittedFor(riskControlled, 'sst2');
    expect(disagreements?.rows).toBe(fakeCalibration().rows);
    expect((await policyFiles.fittedFor(riskControlled, 'sst2')).disagreements).toBe(disagreements);
    expect(reads).toEqual(['calibration']);
  });

  test('are not made up where the model brings none', async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    expect(await policyFiles.fittedFor(ALL_FITTED, 'mnli')).toEqual({});
    expect(await policyFiles.calibrationOf('mnli')).toBeUndefined();
  });

  test('are read again after a failure', async () => {
    const { manifest } = fakeModelWithPolicyFiles();
    const answers = [() => Promise.reject(new Error('offline')), () => Promise.resolve(bytes)];
    const bytes = new TextEncoder().encode(JSON.stringify(fakePolicyData()));
    const policyFiles = new PolicyFiles(
      manifest,
      () => answers.shift()?.() ?? Promise.reject(new Error('read too often')),
    );
    await expect(policyFiles.fittedFor(policyById('quota'), 'sst2')).rejects.toThrow('offline');
    expect((await policyFiles.fittedFor(policyById('quota'), 'sst2')).data).toEqual(fakePolicyData());
  });

  test.each([
    ['quota', {}],
    ['risk-controlled', fakePolicyData()],
  ])('for %s are refused where they are damaged', async (id, data) => {
    const { manifest } = fakeModelWithPolicyFiles();
    const policyFiles = new PolicyFiles(manifest, () =>
      Promise.resolve(new TextEncoder().encode(JSON.stringify(data))),
    );
    const failure = await policyFiles.fittedFor(policyById(id), 'sst2').then(() => undefined, errorData);
    expect(failure?.code).toBe(id === 'quota' ? 'BAD_MANIFEST' : 'BAD_TRACE');
  });
});

describe('what a policy needs', () => {
  test('is refused with BAD_INPUT where it is missing, in words', () => {
    const check = (id: string, rowSeed?: number) => {
      try {
        checkNeeds(policyById(id), availableLive({}, rowSeed));
        return undefined;
      } catch (error) {
        return errorData(error);
      }
    };
    expect(check('confidence')).toBeUndefined();
    expect(check('saturation')).toBeUndefined();
    expect(check('random-exit', 7)).toBeUndefined();
    expect(check('random-exit')).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('a seed') });
    expect(check('oracle')).toMatchObject({
      code: 'BAD_INPUT',
      message: '“Oracle” needs the right labels, which are not known here. Choose another policy.',
    });
    expect(check('quota')).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('calibration split') });
  });

  test('is there in a trace as far as its columns go', async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    const fitted = await policyFiles.fittedFor({ needs: ['policyData'] }, 'sst2');
    const calibration = await policyFiles.calibrationOf('sst2');
    if (!calibration) throw new Error('unreachable');
    const available = availableRecorded(fitted, calibration.trace);
    const missing = (id: string) => whatIsMissing(policyById(id), available);
    expect(['oracle', 'fixed-exit', 'quota'].map(missing)).toEqual([undefined, undefined, undefined]);
    expect(missing('saturation')).toContain('which were not recorded here');
    expect(missing('risk-controlled')).toContain('a recorded calibration split');
    const unlabelled = availableRecorded(fitted, { ...calibration.trace, isLabelled: false });
    expect(whatIsMissing(policyById('oracle'), unlabelled)).toContain('the right labels');
  });
});
