import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/cost';
import { CONTENDERS } from '../../../core/lab/contenders';
import type { LabSetting } from '../../../core/lab/setting';
import { measuredFor, rowOf, type TrialJob } from '../../../core/lab/trial-job';
import { settlingTrace } from '../../../core/testing/settling-trace';
import { calibrateTrace } from '../../../core/trace/calibrated-trace';
import type { Aim } from '../../../core/tuning/optimise';
import type { Lab } from '../Lab.svelte';
import { PolicyTable } from './PolicyTable.svelte';

/** Nothing to choose parameters on: policies that need it are measured as quickly as the others. */
function settingOf(settled: readonly number[]): LabSetting {
  const evaluation = calibrateTrace(settlingTrace('sst2', 2, settled), new Array<number>(12).fill(1));
  return {
    evaluation,
    fitted: {},
    layers: 12,
    hidden: 384,
    plan: { mobileLayers: 4, edgeLayers: 8 },
    costs: DEFAULT_COSTS,
  };
}

/** A Lab that computes at once, and does before each job what a test wants. */
function tableWith(before: (job: TrialJob, lab: { setting: LabSetting }) => void = () => undefined) {
  const asked: string[] = [];
  const lab = {
    setting: settingOf([1, 1, 3, 6]),
    compute: async (_: string, job: TrialJob, signal?: AbortSignal) => {
      await Promise.resolve();
      asked.push(job.policy);
      before(job, lab);
      signal?.throwIfAborted();
      return measuredFor(lab.setting, job);
    },
  };
  const settings: { aim: Aim } = { aim: { kind: 'allowedLoss', points: 0.3 } };
  return { lab, settings, asked, table: new PolicyTable(lab as unknown as Lab, settings) };
}

describe('the table of policies', () => {
  test('fills up line by line, and then is what the command line prints', async () => {
    const seen: number[] = [];
    const { lab, settings, table } = tableWith(() => seen.push(table.done));
    expect(table.comparison).toBeUndefined();
    await table.run();
    expect(seen).toEqual(CONTENDERS.map((_, index) => index));
    expect(table.isRunning).toBe(false);
    const { aim } = settings;
    expect(table.comparison).toEqual({
      means: [],
      tasks: CONTENDERS.map(({ id }) => rowOf(lab.setting, { policy: id, aim })),
    });
  });

  test('can be stopped, keeps what it has, and goes on from there', async () => {
    const { table, asked } = tableWith(() => {
      if (asked.length === 3) table.halt();
    });
    await table.run();
    expect([table.done, table.isRunning, table.problem, table.comparison]).toEqual([2, false, undefined, undefined]);
    await table.run();
    expect(table.done).toBe(table.all);
    expect(asked).toHaveLength(table.all + 1);
  });

  test('measures nothing twice, until what it was measured for is another', async () => {
    const { table, asked, lab, settings } = tableWith();
    await table.run();
    await table.run();
    expect(asked).toHaveLength(table.all);
    lab.setting = { ...lab.setting, costs: { ...DEFAULT_COSTS, edgeLayer: 2 } };
    settings.aim = { kind: 'allowedLoss', points: 1 };
    expect(table.done).toBe(0);
    await table.run();
    expect(table.done).toBe(table.all);
    expect(asked).toHaveLength(2 * table.all);
  });

  test('lets old lines stand under another aim, but not for other rows', async () => {
    const { table, lab, settings } = tableWith();
    await table.run();
    settings.aim = { kind: 'equalCost', costCutPercent: 60 };
    expect(table.lines).toHaveLength(table.all);
    expect(table.lines.some(({ isCurrent }) => isCurrent)).toBe(false);
    lab.setting = settingOf([1, 2]);
    await table.run();
    expect(table.lines.every(({ row }) => row.rows === 2 || row.missing !== null)).toBe(true);
  });

  test('never takes a line for what was set while it was measured', async () => {
    const { table, asked } = tableWith((_, changing) => {
      if (asked.length === 2) changing.setting = { ...changing.setting, plan: { mobileLayers: 2, edgeLayers: 6 } };
    });
    await table.run();
    expect(asked).toHaveLength(2);
    expect(table.done).toBe(0);
  });

  test('says what went wrong, and does not count it', async () => {
    const { table, asked } = tableWith(() => {
      if (asked.length === 2) throw new Error('The worker is gone.');
    });
    await table.run();
    expect([table.done, table.isRunning, table.problem]).toEqual([1, false, 'The worker is gone.']);
  });
});
