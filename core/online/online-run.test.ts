import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { costAt, DEFAULT_COSTS } from '../cost';
import { drawLot } from '../policies/lots';
import { type Row, settingFor, traceOf } from '../testing/online';
import { type Random, seededRandom } from '../testing/random';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { ONLINE_POLICIES, onlinePolicyById, OnlineRun, type OnlineRunOptions } from '.';
import type { OnlinePolicy } from './online-policy';
import { splitEE } from './split-ee';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const options = (policy: OnlinePolicy, changes: Partial<OnlineRunOptions> = {}): OnlineRunOptions => ({
  ...{ policy, plan, costs: DEFAULT_COSTS, seed: 1 },
  ...changes,
});
const rowsOf = (count: number, make: () => Row): CalibratedTrace => traceOf(Array.from({ length: count }, make));

/** Exits that grow surer and righter. */
function climbing(random: Random): Row {
  const confidences = Array.from({ length: 12 }, (_, index) => 0.51 + 0.48 * random() ** (3 / (index + 1)));
  return { confidences, right: confidences.map((confidence) => random() < confidence), tokens: 4 + 60 * random() };
}

const random = seededRandom(51);
const mixed = rowsOf(60, () => climbing(random));

describe.each(ONLINE_POLICIES)('a run of $name', (policy) => {
  const run = new OnlineRun(mixed, options(policy, { passes: 3 })).advance();
  const { history } = run;

  test('takes every row once a pass, in another order each time', () => {
    const orders = [0, 1, 2].map((pass) => [...history.rows.subarray(pass * 60, pass * 60 + 60)]);
    for (const order of orders) {
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, row) => row));
    }
    expect(new Set(orders.map(String)).size).toBe(3);
    expect([run.steps, run.length]).toEqual([180, 180]);
  });

  test('is repeated by the same options, and is another with another seed', () => {
    expect(new OnlineRun(mixed, options(policy, { passes: 3 })).advance().history).toEqual(history);
    const other = new OnlineRun(mixed, options(policy, { passes: 3, seed: 2 })).advance().history;
    expect(other.rows).not.toEqual(history.rows);
    expect(other.arms).not.toEqual(history.arms);
  });

  test('is the same when it is paused, and when it starts again from anywhere', () => {
    const paused = new OnlineRun(mixed, options(policy, { passes: 3 }));
    for (const steps of [0, 1, 6, 83]) paused.advance(steps);
    expect(paused.steps).toBe(90);
    expect(paused.history.arms).toEqual(history.arms.subarray(0, 90));
    expect(paused.history.regret).toEqual(history.regret.subarray(0, 90));
    paused.restart();
    expect(paused.steps).toBe(0);
    expect(paused.advance().history).toEqual(history);
    paused.restart();
    expect(paused.advance(7).history.rewards).toEqual(history.rewards.subarray(0, 7));
  });

  test('records what the chosen arm does to the row', () => {
    const { trace, labels, probabilities } = mixed;
    history.rows.forEach((row, step) => {
      const confidences = Float64Array.from({ length: 12 }, (_, index) => {
        const at = (row * 12 + index) * 2;
        return Math.max(probabilities[at] ?? 0, probabilities[at + 1] ?? 0);
      });
      const sample = {
        tokens: trace.tokens[row] ?? 0,
        firstConfidence: confidences[0] ?? 0,
        confidences,
        labels: labels.slice(row * 12, row * 12 + 12),
        gold: trace.gold[row] ?? 0,
      };
      const arm = policy.arms(settingFor(policy))[history.arms[step] ?? -1];
      const exitLayer = arm?.exitLayer(sample) ?? 0;
      expect(history.exitLayers[step]).toBe(exitLayer);
      expect(history.rewards[step]).toBe(arm?.reward(sample));
      expect(history.costs[step]).toBe(costAt(exitLayer, arm?.stretches ?? [], DEFAULT_COSTS));
      expect(history.right[step]).toBe(sample.labels[exitLayer - 1] === sample.gold ? 1 : 0);
    });
  });

  test('is measured against the arm that earns the most when it is always chosen', () => {
    /** The rewards of one arm, whatever comes. */
    const always = (arm: number) => {
      const stubborn = { ...policy, start: () => ({ choose: () => arm, learn: () => undefined }) };
      return new OnlineRun(mixed, options(stubborn, { passes: 3 })).advance().history;
    };
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const totals = run.arms.map((_, arm) => sum(always(arm).rewards));
    expect(totals[run.bestArm]).toBeCloseTo(Math.max(...totals), 9);
    const best = always(run.bestArm);
    expect(best.regret.every((regret) => regret === 0)).toBe(true);
    for (const steps of [1, 50, 180]) {
      const missed = sum(best.rewards.subarray(0, steps)) - sum(history.rewards.subarray(0, steps));
      expect(history.regret[steps - 1]).toBeCloseTo(missed, 9);
    }
  });
});

test('a learner is told of the exits that ran, and of none beyond', () => {
  const told: number[] = [];
  const listening: OnlinePolicy = {
    ...splitEE,
    start: (_seed, { layers }) => ({
      choose: () => told.length % layers,
      learn: ({ confidences }) => told.push(confidences.length),
    }),
  };
  const { history } = new OnlineRun(mixed, options(listening)).advance();
  expect(told).toEqual([...history.exitLayers]);
  expect(new Set(told).size).toBeGreaterThan(5);
});

/** How regret has grown after a quarter of the stream and after all of it, mean over seeds. */
function growth(policy: OnlinePolicy, calibrated: CalibratedTrace, bestArms: readonly number[]) {
  let [quarter, all] = [0, 0];
  for (let seed = 1; seed <= 6; seed++) {
    const run = new OnlineRun(calibrated, options(policy, { seed }));
    expect(bestArms).toContain(run.bestArm);
    const { regret } = run.advance().history;
    quarter += regret[run.length / 4 - 1] ?? 0;
    all += regret[run.length - 1] ?? 0;
  }
  return { quarter, all };
}

describe('regret grows more slowly than the stream', () => {
  const rows = 4000;
  const lots = seededRandom(52);
  /** Split layer 3 is the best: a sample is sure there with probability 0.95, before with 0.1 and 0.2. */
  const splitting = rowsOf(rows, () => ({
    confidences: Array.from({ length: 12 }, (_, index) => {
      const isSure = index === 11 || lots() < (index < 2 ? 0.1 * (index + 1) : 0.95);
      return isSure ? 0.97 : 0.6;
    }),
  }));
  /** Thresholds 0.65 to 0.9 are the best: nine tenths of the samples are sure at exit 4, the others never. */
  const thresholding = rowsOf(rows, () => {
    const late = lots() < 0.9 ? 0.92 : 0.62;
    return {
      confidences: Array.from({ length: 12 }, (_, index) => (index < 3 ? 0.62 : index < 11 ? late : late + 0.02)),
    };
  });
  /** The edge is the best, and nothing about a sample says more. */
  const featureless = rowsOf(rows, () => {
    const right = Array.from({ length: 12 }, (_, index) => lots() < (index < 4 ? 0.6 : 0.95));
    return { confidences: new Array<number>(12).fill(0.8), right };
  });

  test.each([
    ['splitee', splitting, [2]],
    ['splitee-s', splitting, [2]],
    ['i-splitee', splitting, [2]],
    ['ucb-thresholds', thresholding, [3, 4, 5, 6, 7, 8]],
    ['contextual-bandit', featureless, [1]],
  ] as const)('of %s', (id, calibrated, bestArms) => {
    const { quarter, all } = growth(onlinePolicyById(id), calibrated, bestArms);
    expect(quarter).toBeGreaterThan(0);
    expect(all / quarter).toBeLessThan(2.6);
  });

  test('but not of a learner that learns nothing', () => {
    const idle: OnlinePolicy = {
      ...splitEE,
      start: (seed, { layers }) => {
        let round = 0;
        return { choose: () => Math.floor(drawLot(seed, ++round) * layers), learn: () => undefined };
      },
    };
    const { quarter, all } = growth(idle, splitting, [2]);
    expect(all / quarter).toBeGreaterThan(3.5);
  });

  test('side observations save regret', () => {
    const plain = growth(splitEE, splitting, [2]).all;
    expect(growth(onlinePolicyById('splitee-s'), splitting, [2]).all).toBeLessThan(0.8 * plain);
  });
});

test('a contextual bandit earns more than any fixed tier where the first exit tells samples apart', () => {
  const lots = seededRandom(53);
  const telling = rowsOf(4000, () => {
    const isEasy = lots() < 0.5;
    const right = Array.from({ length: 12 }, (_, index) => isEasy || index >= 8);
    return { confidences: [isEasy ? 0.95 : 0.55, ...new Array<number>(11).fill(0.9)], right };
  });
  const { history } = new OnlineRun(telling, options(onlinePolicyById('contextual-bandit'))).advance();
  const [half = 0, end = 0] = [history.regret[1999], history.regret[3999]];
  // The cloud is the best fixed tier: 0.83. Easy samples earn 0.96 on the mobile tier, so 0.065 a sample is to be had.
  expect((end - half) / 2000).toBeLessThan(-0.055);
});

describe('the list', () => {
  test('has every policy once, with defaults in range', () => {
    expect(new Set(ONLINE_POLICIES.map(({ id }) => id)).size).toBe(ONLINE_POLICIES.length);
    for (const { parameters } of ONLINE_POLICIES) {
      for (const spec of parameters) {
        expect(spec.default).toBeGreaterThanOrEqual(spec.min);
        expect(spec.default).toBeLessThanOrEqual(spec.max);
      }
    }
  });

  test('knows no other name', () => {
    expect(() => onlinePolicyById('exp3')).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});
