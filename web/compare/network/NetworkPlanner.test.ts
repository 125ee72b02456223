import { describe, expect, it } from 'vitest';
import type { PlanJob, PlannedNetwork } from '../../../core/lab/network';
import type { Plan } from '../../../core/layers';
import { DEFAULT_LAYER_TIMES } from '../../../core/network/equipment';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import { Settings } from '../../state/Settings.svelte';
import type { Lab, LabSource } from '../Lab.svelte';
import { NetworkPlanner } from './NetworkPlanner.svelte';

const equipment = { layerMs: DEFAULT_LAYER_TIMES, edgeToCloudMs: 20, stateBytesPerToken: [] };
const joint = { plan: { mobileLayers: 3, edgeLayers: 5 }, threshold: 0.75 };

function plannerWith(answer: () => Promise<unknown> = () => Promise.resolve({ joint })) {
  const settings = new Settings(fakeManifest());
  settings.set({ network: '3g' });
  settings.setParameters({ mobileThreshold: 0.8 });
  const jobs: PlanJob[] = [];
  const lab = {
    source: { name: 'rows' } as LabSource,
    compute: (_: string, job: PlanJob) => {
      jobs.push(job);
      return answer() as Promise<PlannedNetwork>;
    },
  } as unknown as Lab;
  const setPlan = (plan: Partial<Plan>) => settings.setPlan(plan);
  return { settings, jobs, planner: new NetworkPlanner(lab, settings, { setPlan }) };
}

describe('planning for a network', () => {
  it('sets policy, threshold and split', async () => {
    const { settings, planner, jobs } = plannerWith();
    await planner.run(equipment);
    const aim = { kind: 'allowedLoss', points: 0.3 };
    expect(jobs).toEqual([{ network: '3g', custom: settings.networkLink, equipment, aim }]);
    expect(settings.policy.id).toBe('spinn');
    expect(settings.parameters).toEqual({ threshold: 0.75 });
    expect(settings.plan).toEqual(joint.plan);
    expect(planner.found?.answer).toEqual({ joint });
  });

  it('plans for a time where one is set', async () => {
    const { planner, jobs } = plannerWith();
    planner.kind = 'timeLimit';
    planner.timeLimitMs = 80;
    await planner.run(equipment);
    expect(jobs[0]?.aim).toEqual({ kind: 'timeLimit', ms: 80 });
  });

  it('shows nothing of another network', async () => {
    const { settings, planner } = plannerWith();
    await planner.run(equipment);
    settings.setNetwork('wifi');
    expect(planner.found).toBeUndefined();
  });

  it('sets nothing where another network was chosen meanwhile', async () => {
    const { settings, planner } = plannerWith(() => {
      settings.setNetwork('wifi');
      return Promise.resolve({ joint });
    });
    await planner.run(equipment);
    expect([settings.policy.id, planner.found]).toEqual(['confidence', undefined]);
  });

  it('says why it failed', async () => {
    const { planner } = plannerWith(() => Promise.reject(new Error('No calibration.')));
    await planner.run(equipment);
    expect([planner.problem, planner.isRunning]).toEqual(['No calibration.', false]);
  });
});
