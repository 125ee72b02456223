import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { onlinePolicyById, OnlineRun } from '../online';
import { NOTHING_FITTED } from '../policies/fitted';
import { traceOf } from '../testing/online';
import { seededRandom } from '../testing/random';
import { advanceOnline, type OnlineJob } from './online';
import type { LabSetting } from './setting';

const random = seededRandom(81);
const rows = Array.from({ length: 80 }, () => {
  const confidences = Array.from({ length: 12 }, (_, index) => 0.51 + 0.48 * random() ** (3 / (index + 1)));
  return { confidences, right: confidences.map((confidence) => random() < confidence) };
});
const plan = { mobileLayers: 4, edgeLayers: 8 };
const settingWith = (changes: Partial<LabSetting> = {}): LabSetting => ({
  ...{ evaluation: traceOf(rows), fitted: NOTHING_FITTED, layers: 12, plan, costs: DEFAULT_COSTS, hidden: 384 },
  ...changes,
});
const setting = settingWith();
const policy = { id: 'splitee', parameters: { exploration: 0.5 } };
const job: OnlineJob = { policy, seed: 3, runs: 4, passes: 2, isChanging: false, delay: 0, steps: 150 };

describe('the progress of runs', () => {
  test('is the mean of what each run does alone', () => {
    const runs = [3, 4, 5, 6].map((seed) =>
      new OnlineRun(setting.evaluation, {
        ...{
          policy: onlinePolicyById('splitee'),
          parameters: policy.parameters,
          plan,
          costs: DEFAULT_COSTS,
          hidden: 384,
        },
        ...{ seed, passes: 2 },
      }).advance(150),
    );
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / 4;
    const progress = advanceOnline(setting, job);
    expect(progress).toMatchObject({ steps: 150, length: 160, bestArm: runs[0]?.bestArm });
    expect(progress.arms[4]).toBe('split after layer 5');
    expect(progress.pulls[4]).toBe(mean(runs.map(({ pulls }) => pulls[4] ?? 0)));
    expect(progress.chosen.accuracy).toBeCloseTo(mean(runs.map(({ chosen }) => chosen.right / 150)), 12);
    expect(progress.best.reward).toBeCloseTo(mean(runs.map(({ best }) => best.reward / 150)), 12);
    const meanCost = mean(runs.map(({ chosen }) => chosen.cost / 150));
    expect(progress.chosen.costCutPercent).toBeCloseTo(100 * (1 - meanCost / 17), 9);
    expect(progress.allCloud.costCutPercent).toBe(0);
    const regrets = runs.map(({ regret }) => regret);
    expect(progress.regret.at(-1)).toEqual({
      ...{ step: 150, mean: expect.closeTo(mean(regrets), 9) },
      ...{ least: Math.min(...regrets), greatest: Math.max(...regrets) },
    });
  });

  test('does not depend on the slices that led to it', () => {
    const whole = advanceOnline(settingWith({ evaluation: traceOf(rows) }), job);
    for (const steps of [1, 40, 41, 150]) advanceOnline(setting, { ...job, steps });
    expect(advanceOnline(setting, job)).toEqual(whole);
    expect(advanceOnline(setting, { ...job, steps: 40 }).regret).toEqual(whole.regret.slice(0, 41));
    expect(advanceOnline(setting, job)).toEqual(whole);
  });

  test('begins anew where anything else is another', () => {
    const at = (of: LabSetting, changes: Partial<OnlineJob>) => advanceOnline(of, { ...job, ...changes });
    const first = at(setting, {});
    expect(at(setting, { seed: 4 })).not.toEqual(first);
    expect(at(setting, { policy: { ...policy, parameters: {} } })).not.toEqual(first);
    expect(at({ ...setting, costs: { ...DEFAULT_COSTS, mobileLayer: 2 } }, {})).not.toEqual(first);
    expect(at(setting, {})).toEqual(first);
  });

  test('ends at the end of the stream, and is of no sample before its begin', () => {
    expect(advanceOnline(setting, { ...job, steps: 1000 }).steps).toBe(160);
    const start = advanceOnline(setting, { ...job, steps: 0 });
    expect(start.regret).toEqual([{ step: 0, mean: 0, least: 0, greatest: 0 }]);
    expect(start.chosen.accuracy).toBeNaN();
  });

  test('goes over a change to rows that were recorded mistyped', () => {
    const devRows = Uint32Array.from({ length: 20 }, (_, row) => 4 * row);
    const mistyped = traceOf(
      rows.slice(0, 20).map(({ right }) => ({ confidences: new Array<number>(12).fill(0.6), right })),
    );
    const noised = { ...mistyped, trace: { ...mistyped.trace, devRows } };
    const changing = settingWith({ noised });
    const at = (steps: number) => advanceOnline(changing, { ...job, isChanging: true, steps });
    expect(at(40)).toMatchObject({ length: 80, change: { step: 40, regret: at(40).regret.at(-1)?.mean } });
    expect(at(39).change).toMatchObject({ step: 40, regret: undefined });
    const { change, bestArm, regret } = at(80);
    expect(change).toEqual({ step: 40, bestArms: [change?.bestArms[0], bestArm], regret: regret[40]?.mean });
    expect(advanceOnline(settingWith(), job).change).toBeUndefined();
    expect(() => advanceOnline(settingWith(), { ...job, isChanging: true })).toThrow('Stream them as they are');
  });

  test('tells a learner late where it is to', () => {
    const late = advanceOnline(setting, { ...job, delay: 30 });
    const options = { policy: onlinePolicyById('splitee'), parameters: policy.parameters, plan, costs: DEFAULT_COSTS };
    const alone = [3, 4, 5, 6].map((seed) =>
      new OnlineRun(setting.evaluation, { ...options, hidden: 384, seed, passes: 2, delay: 30 }).advance(150),
    );
    expect(late.regret.at(-1)?.mean).toBeCloseTo(alone.reduce((sum, { regret }) => sum + regret, 0) / 4, 9);
    expect(late.regret).not.toEqual(advanceOnline(setting, job).regret);
  });

  test('refuses an unknown policy', () => {
    expect(() => advanceOnline(setting, { ...job, policy: { id: 'exp3', parameters: {} } })).toThrow(
      'no online policy',
    );
  });
});
