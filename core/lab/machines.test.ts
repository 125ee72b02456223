import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { planMachines } from './machines';
import type { LabSetting } from './setting';

const ones = new Array<number>(12).fill(1);
const setting: LabSetting = {
  evaluation: calibrateTrace(settlingTrace('sst2', 2, [1, 3, 6, 9]), ones),
  fitted: {},
  ...{ layers: 12, hidden: 384, plan: { mobileLayers: 4, edgeLayers: 8 }, costs: DEFAULT_COSTS },
};
/** All climb to the top. */
const toTheTop = { id: 'confidence', parameters: { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 } };
const job = { choice: toTheTop, users: 100, ratePerUser: 1, p95Ms: 300, isApart: false };

describe('machines for so many people', () => {
  it('are as many as the rows under the policy need, and for a hundred times as many people more', () => {
    const { capacity, machines } = planMachines(setting, job);
    expect(capacity.crossing).toBe(1);
    expect(machines.map(({ users }) => users)).toEqual([100, 1000, 10_000]);
    const [, , most] = machines;
    expect(most?.edges).toBe(Math.ceil(10_000 / capacity.usersPerEdge));
    const leavingSooner = { ...job, choice: { id: 'fixed-exit', parameters: { depth: 6 } } };
    expect(planMachines(setting, leavingSooner).capacity.usersPerEdge).toBeGreaterThan(1.5 * capacity.usersPerEdge);
  });

  it('say what they cannot do', () => {
    const onDevice = { ...job, choice: { id: 'fixed-exit', parameters: { depth: 3 } } };
    for (const [asked, problem] of [
      [onDevice, 'no edge is needed'],
      [{ ...job, p95Ms: 1 }, 'Allow more time'],
    ] as const) {
      expect(() => planMachines(setting, asked)).toThrow(problem);
      expect(() => planMachines(setting, asked)).toThrow(
        expect.toSatisfy((error: unknown) => hasCode(error, 'BAD_INPUT')) as Error,
      );
    }
  });
});
