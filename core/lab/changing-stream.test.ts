import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { DEFAULT_MODEL } from '../model/default-model';
import { type ModelFile, parseManifest } from '../model/manifest';
import { onlinePolicyById, OnlineRun } from '../online';
import { NOTHING_FITTED } from '../policies/fitted';
import { traceOf } from '../testing/online';
import { seededRandom } from '../testing/random';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { changingRows, tryChanging } from './changing-stream';
import { settingOf } from './comparison';
import { ONLINE_SEEDS } from './online-trial';

const random = seededRandom(61);
const rowsOf = (count: number, power: number) =>
  traceOf(
    Array.from({ length: count }, (_, row) => {
      const confidences = Array.from({ length: 12 }, (__, index) => 0.51 + 0.48 * random() ** (power / (index + 1)));
      return { confidences, right: confidences.map((confidence) => random() < confidence), tokens: row + 1 };
    }),
  );
const evaluation = rowsOf(30, 3);
const madeOf = (rows: CalibratedTrace, ...devRows: number[]): CalibratedTrace => ({
  ...rows,
  trace: { ...rows.trace, split: 'noised', devRows: Uint32Array.from(devRows) },
});

describe('the same rows before and after', () => {
  test('are those that the mistyped ones were made of, in their order', () => {
    const noised = madeOf(rowsOf(3, 9), 2, 5, 29);
    const pair = changingRows({ evaluation, noised });
    expect(pair?.after).toBe(noised);
    expect(pair?.before.trace).toMatchObject({ rows: 3, tokens: Uint16Array.of(3, 6, 30) });
    expect([...(pair?.before.labels ?? [])].slice(12, 24)).toEqual([...evaluation.labels].slice(60, 72));
    expect([...(pair?.before.probabilities ?? [])].slice(48)).toEqual([...evaluation.probabilities].slice(29 * 24));
  });

  test('are not there where nobody knows which they are, or where others are looked at', () => {
    const own = { ...evaluation, trace: { ...evaluation.trace, split: 'own rows' } };
    expect(changingRows({ evaluation, noised: undefined })).toBeUndefined();
    expect(changingRows({ evaluation, noised: rowsOf(3, 9) })).toBeUndefined();
    expect(changingRows({ evaluation, noised: madeOf(rowsOf(1, 9), 30) })).toBeUndefined();
    expect(changingRows({ evaluation: own, noised: madeOf(rowsOf(1, 9), 3) })).toBeUndefined();
  });

  test('have the same labels in the model that is shipped', async () => {
    const folder = new URL(`../../public/models/${DEFAULT_MODEL}/`, import.meta.url);
    const read = async ({ path }: Pick<ModelFile, 'path'>) => new Uint8Array(await readFile(new URL(path, folder)));
    const manifest = parseManifest(JSON.parse(new TextDecoder().decode(await read({ path: 'manifest.json' }))));
    const plan = { mobileLayers: 4, edgeLayers: 8 };
    for (const task of Object.keys(manifest.tasks)) {
      const setting = await settingOf(task, { manifest, read, plan, costs: DEFAULT_COSTS });
      if (!setting.evaluation) throw new Error(`${task} lacks a dev split`);
      const pair = changingRows({ ...setting, evaluation: setting.evaluation });
      expect(pair?.before.trace.gold).toEqual(pair?.after.trace.gold);
      expect(pair?.after.trace.rows).toBeGreaterThan(200);
    }
  });
});

describe('a trial on a stream that changes', () => {
  const pair = { before: evaluation, after: rowsOf(30, 9) };
  const setting = {
    ...{ fitted: NOTHING_FITTED, layers: 12, hidden: 384, costs: DEFAULT_COSTS },
    plan: { mobileLayers: 4, edgeLayers: 8 },
  };
  const aim = { kind: 'allowedLoss', points: 0.3 } as const;

  test.each([0, 5])('is the mean of runs, half by half, with a delay of %i', (delay) => {
    const policy = onlinePolicyById('i-splitee');
    const found = tryChanging(policy, pair, setting, { aim, delay });
    const runs = ONLINE_SEEDS.map((seed) => {
      const run = new OnlineRun(pair.before, { ...setting, policy, seed, changesTo: pair.after, delay });
      run.advance(30);
      const half = { ...run.chosen, regret: run.regret, last: run.allCloud.right };
      run.advance();
      return { half, whole: { ...run.chosen, regret: run.regret, last: run.allCloud.right } };
    });
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(found.before.regret).toBeCloseTo(mean(runs.map(({ half }) => (100 * half.regret) / 30)), 9);
    expect(found.after.regret).toBeCloseTo(
      mean(runs.map(({ half, whole }) => (100 * (whole.regret - half.regret)) / 30)),
      9,
    );
    expect(found.before.leastRegret).toBeLessThanOrEqual(found.before.regret);
    expect(found.after.greatestRegret).toBeGreaterThanOrEqual(found.after.regret);
    expect(found.before.lossPoints).toBeCloseTo(mean(runs.map(({ half }) => (100 * (half.last - half.right)) / 30)), 9);
    expect(found.after.costCutPercent).toBeCloseTo(
      100 * (1 - mean(runs.map(({ half, whole }) => (whole.cost - half.cost) / 30)) / 17),
      9,
    );
    expect(found.parameters).toMatchObject({ rampCost: 0.2 });
  });

  test('takes its price of cost from the calibration split', () => {
    const policy = onlinePolicyById('ucb-thresholds');
    const calibration = rowsOf(60, 3);
    const priceFor = (points: number) =>
      tryChanging(policy, pair, { ...setting, calibration }, { aim: { kind: 'allowedLoss', points }, delay: 0 })
        .parameters.costWeight;
    expect(priceFor(30)).toBeGreaterThan(priceFor(0.1) ?? 1);
  });
});
