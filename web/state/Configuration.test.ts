import { describe, expect, it } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { swap, takeOver } from './Configuration';
import { pageConfiguration } from './page-configuration';
import { Settings } from './Settings.svelte';

function pageWith() {
  const settings = new Settings(fakeManifest());
  const a = pageConfiguration(settings, { setPlan: (plan) => settings.setPlan(plan) });
  return { settings, a, b: settings.b };
}

const valuesOf = ({ policy, parameters, plan }: ReturnType<typeof pageWith>['a']) => ({
  policy: policy.id,
  parameters,
  plan,
});

describe('the two configurations', () => {
  it('are of one shape, and B is another policy at its calibrated values until somebody says otherwise', () => {
    const { a, b } = pageWith();
    expect(valuesOf(b)).toEqual({
      ...{ policy: 'confidence-per-exit', parameters: { firstThreshold: 0.98, lastThreshold: 0.8 } },
      plan: { mobileLayers: 4, edgeLayers: 8 },
    });
    expect(a.policy.id).toBe('confidence');
  });

  it('move without each other', () => {
    const { settings, a, b } = pageWith();
    const before = valuesOf(a);
    b.setPolicy('confidence');
    b.setParameters({ mobileThreshold: 0.5 });
    b.setPlan({ mobileLayers: 9 });
    expect(valuesOf(a)).toEqual(before);
    expect(b.parameters.mobileThreshold).toBe(0.5);
    expect(b.plan).toEqual({ mobileLayers: 9, edgeLayers: 9 });
    settings.setTask('mnli');
    expect(b.parameters.mobileThreshold).not.toBe(0.5);
  });

  it('swap all they have, and back', () => {
    const { a, b } = pageWith();
    a.setParameters({ mobileThreshold: 0.61 });
    b.setPlan({ mobileLayers: 2, edgeLayers: 3 });
    const [ofA, ofB] = [valuesOf(a), valuesOf(b)];
    swap(a, b);
    expect([valuesOf(a), valuesOf(b)]).toEqual([ofB, ofA]);
    swap(a, b);
    expect([valuesOf(a), valuesOf(b)]).toEqual([ofA, ofB]);
  });

  it('take each other over', () => {
    const { a, b } = pageWith();
    a.setParameters({ mobileThreshold: 0.61 });
    takeOver(b, a);
    expect(valuesOf(b)).toEqual(valuesOf(a));
  });

  it('come back with a saved view, and B is as at first after a reset', async () => {
    const { settings, b } = pageWith();
    const first = valuesOf(b);
    b.setPolicy('patience');
    b.setParameters({ patience: 3 });
    const [saved, then] = [settings.save(), valuesOf(b)];
    settings.reset();
    expect(valuesOf(b)).toEqual(first);
    await settings.restore(saved);
    expect(valuesOf(b)).toEqual(then);
  });
});
