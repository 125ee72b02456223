import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../core/cost';
import { ONLINE_POLICIES, OnlineRun } from '../core/online';
import { oracle } from '../core/policies/oracle';
import { fakeCodecs } from '../core/testing/fake-codecs';
import { fakeModelWithPolicyFiles } from '../core/testing/fake-policy-files';
import { FakeRuntime } from '../core/testing/fake-runtime';
import { settlingTrace } from '../core/testing/settling-trace';
import { calibrateTrace } from '../core/trace/calibrated-trace';
import { optionsFor, readEvaluateOptions } from './evaluate-options';
import { Evaluation } from './evaluation';
import { recordExits, runRecorded } from './recorded-run';
import { reportOf, tableOf } from './report';

const { manifest, policyFiles } = fakeModelWithPolicyFiles();
const NEEDED = ['--task', 'sst2', '--file', 'dev.tsv', '--policy'];
const gold = Array.from({ length: 30 }, (_, row) => row % 2);
const rows = gold.map((_, row) => [`sample ${row}`] as const);

const evaluation = new Evaluation({
  ...{ ...optionsFor(readEvaluateOptions([...NEEDED, 'splitee']), manifest), hidden: manifest.hidden },
  ...{ manifest, policyFiles, codecs: fakeCodecs(manifest), edge: undefined },
  runtime: new FakeRuntime({ manifest }),
});
const about = { task: 'sst2', manifest };
const { recorded } = await recordExits(evaluation, rows, gold, about);

test('a recording has every exit of every row, its label and its distances', () => {
  const { trace } = recorded;
  expect(trace).toMatchObject({ task: 'sst2', rows: 30, layers: 12, classes: 2, isLabelled: true });
  expect(trace.modelHash).toBe(manifest.hash);
  expect([...trace.gold]).toEqual(gold);
  expect(trace.poolDistances).toHaveLength(90);
});

test('a recording that ends early has the rows that there are', async () => {
  const part = await recordExits(evaluation, rows, gold, about, async (all, answer, take) => {
    for (const row of [3, 8]) take(row, await answer(all[row] ?? [''], new AbortController().signal));
    return { failed: [], problem: new Error('ended') };
  });
  expect([[...part.rows], [...part.recorded.trace.gold], part.end.problem?.message]).toEqual([[3, 8], [1, 0], 'ended']);
});

describe.each(ONLINE_POLICIES)('a run of $name over recorded exits', (policy) => {
  const options = optionsFor(
    readEvaluateOptions([...NEEDED, policy.id, '--cost-weight', '0.02', '--seed', '5', '--passes', '2']),
    manifest,
  );
  const run = runRecorded(recorded, policy, { ...options, hidden: 384 });
  const report = reportOf(run, options, manifest);
  const { plan } = options;
  const parameters = { costWeight: 0.02 };
  const alone = new OnlineRun(recorded, {
    policy,
    plan,
    parameters,
    costs: DEFAULT_COSTS,
    hidden: 384,
    seed: 5,
    passes: 2,
  }).advance();

  test('has the numbers of the same learner alone', () => {
    const { best, chosen, allCloud, pulls, arms, bestArm, regret } = alone;
    expect(report).toMatchObject({
      ...{ rows: 60, seed: 5, passes: 2, regret, meanReward: chosen.reward / 60, accuracy: chosen.right / 60 },
      accuracyAtLastExit: allCloud.right / 60,
      lossPoints: expect.closeTo((100 * (allCloud.right - chosen.right)) / 60, 9),
      meanCost: expect.closeTo(chosen.cost / 60, 9),
      bestFixedChoice: {
        ...{ choice: arms[bestArm]?.name, meanReward: best.reward / 60, accuracy: best.right / 60 },
        meanCost: best.cost / 60,
        costCutPercent: expect.closeTo(100 * (1 - best.cost / 60 / 17), 9),
      },
      pulls: arms.map(({ name }, arm) => ({ choice: name, pulls: pulls[arm] })),
    });
  });

  test('answers every row once a pass, in order, under the choice that was made for it', () => {
    expect(run.answers.map(({ learnt }) => learnt?.pass)).toEqual([...gold.map(() => 1), ...gold.map(() => 2)]);
    expect(run.gold).toEqual([...gold, ...gold]);
    run.answers.forEach(({ exit, lastExit, tier, learnt }, index) => {
      const row = index % 30;
      expect(exit.label).toBe(recorded.labels[row * 12 + exit.layer - 1]);
      expect(lastExit.label).toBe(recorded.labels[row * 12 + 11]);
      const arm = alone.arms.find(({ name }) => name === learnt?.choice);
      expect(arm?.stretches.some((of) => of.tier === tier && of.firstLayer <= exit.layer)).toBe(true);
    });
  });

  test('is told to people', () => {
    const table = tableOf(report, run);
    expect(table).toMatch(/Stream +seed 5, passes 2\nRegret +-?[\d.]+ against the best fixed choice; mean reward -?\d/);
    expect(table).toContain(`${alone.arms[alone.bestArm]?.name}: accuracy`);
    expect(table).not.toMatch(/Bytes|Latency/);
  });
});

test('the oracle leaves at the first exit that is right, and learns nothing', () => {
  const options = { ...optionsFor(readEvaluateOptions([...NEEDED, 'oracle']), manifest), hidden: manifest.hidden };
  const settling = calibrateTrace(settlingTrace('sst2', 2, [1, 3, 6, 12]), new Array<number>(12).fill(1));
  const run = runRecorded(settling, oracle, options);
  expect(run.answers.map(({ exit, tier, cost }) => [exit.layer, exit.label, tier, cost])).toEqual([
    [1, 1, 'mobile', 1],
    [3, 1, 'mobile', 3],
    [6, 1, 'edge', 8],
    [12, 1, 'cloud', 17],
  ]);
  expect(reportOf(run, options, manifest)).toMatchObject({ accuracy: 1, accuracyAtLastExit: 1, lossPoints: 0 });
  expect([run.measured, run.learning]).toEqual([undefined, undefined]);
});
