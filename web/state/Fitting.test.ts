import { describe, expect, it } from 'vitest';
import { policyById } from '../../core/policies';
import { fakeModelWithPolicyFiles, fakePolicyData } from '../../core/testing/fake-policy-files';
import { Fitting } from './Fitting.svelte';
import { Settings } from './Settings.svelte';

function fittingWith(data?: unknown) {
  const { manifest, policyFiles, reads } = fakeModelWithPolicyFiles(data);
  const settings = new Settings(manifest);
  return { settings, fitting: new Fitting(settings, policyFiles), reads };
}

describe('the decision of the settings', () => {
  it('is there at once for a policy that was not fitted to anything', async () => {
    const { settings, fitting, reads } = fittingWith();
    settings.setParameters({ mobileThreshold: 0.7 });
    expect(fitting.decision).toMatchObject({ policy: { id: 'confidence' }, parameters: { mobileThreshold: 0.7 } });
    await fitting.load(settings.policy, 'sst2');
    expect(reads).toEqual([]);
  });

  it('waits for what the policy was fitted to', async () => {
    const { settings, fitting, reads } = fittingWith();
    settings.set({ policy: 'quota' });
    expect(fitting.decision).toBeUndefined();
    await fitting.load(settings.policy, 'sst2');
    expect(fitting.decision).toMatchObject({ policy: { id: 'quota' }, fitted: { data: fakePolicyData() } });
    settings.set({ policy: 'learned-exit' });
    expect(fitting.decision).toBeUndefined();
    await fitting.load(settings.policy, 'sst2');
    expect(fitting.decision?.policy.id).toBe('learned-exit');
    expect(reads).toEqual(['policies']);
  });

  it('is never made, and says why, where that cannot be loaded', async () => {
    const { settings, fitting } = fittingWith({ format: 7 });
    settings.set({ policy: 'quota' });
    await fitting.load(settings.policy, 'sst2');
    expect(fitting.decision).toBeUndefined();
    expect(fitting.problem).toContain('What “Quota” needs could not be loaded: The numbers fitted for “sst2”');
    settings.set({ policy: 'margin' });
    expect([fitting.problem, fitting.decision?.policy.id]).toEqual([undefined, 'margin']);
  });

  it('of a task is not mistaken for that of another, for which the model brings nothing', async () => {
    const { settings, fitting } = fittingWith();
    settings.set({ policy: 'quota' });
    await fitting.load(policyById('quota'), 'sst2');
    settings.set({ task: 'mnli' });
    expect(fitting.decision).toBeUndefined();
    await fitting.load(policyById('quota'), 'mnli');
    expect([fitting.decision, fitting.problem]).toEqual([undefined, undefined]);
  });
});
