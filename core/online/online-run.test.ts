import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { costAt, DEFAULT_COSTS } from '../cost';
import { stretchAt, toLayer } from '../layers';
import { drawLot } from '../numbers/lots';
import { type Row, settingFor, traceOf } from '../testing/online';
import { type Random, seededRandom } from '../testing/random';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { parametersOf, type PolicyParameters } from '../policies';
import { ONLINE_POLICIES, onlinePolicyById, OnlineRun, type OnlineRunOptions, type OnlineStep } from '.';
import type { OnlinePolicy } from './online-policy';
import { simulatedNetwork } from './simulated-network';
import { splitEE } from './split-ee';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const options = (policy: OnlinePolicy, changes: Partial<OnlineRunOptions> = {}): OnlineRunOptions => ({
  ...{ policy, plan, costs: DEFAULT_COSTS, hidden: 384, seed: 1 },
  ...changes,
});
const tracedRows = (count: number, make: () => Row): CalibratedTrace => traceOf(Array.from({ length: count }, make));

/** Exits that grow surer and righter. */
function climbing(random: Random): Row {
  const confidences = Array.from({ length: 12 }, (_, index) => 0.51 + 0.48 * random() ** (3 / (index + 1)));
  return { confidences, right: confidences.map((confidence) => random() < confidence), tokens: 4 + 60 * random() };
}

const random = seededRandom(51);
const mixed = tracedRows(60, () => climbing(random));

/** All steps of a run, to the end of the stream or as many as are asked for. */
function stepsOf(run: OnlineRun, steps?: number): OnlineStep[] {
  const taken: OnlineStep[] = [];
  run.advance(steps, (step) => taken.push(step));
  return taken;
}

/** A policy that always chooses one arm, whatever comes. */
const always = (policy: OnlinePolicy, arm: number): OnlinePolicy => ({
  ...policy,
  start: () => ({ choose: () => arm, learn: () => undefined }),
});

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Of policies that by their defaults do the same with all of a few rows: those under which they do not. */
const BRISK: Readonly<Record<string, PolicyParameters>> = { 'hi-lcb': { costWeight: 0.06 } };

describe.each(ONLINE_POLICIES)('a run of $name', (policy) => {
  const run = new OnlineRun(mixed, options(policy, { passes: 3 }));
  const steps = stepsOf(run);

  test('takes every row once a pass, in another order each time', () => {
    const orders = [0, 1, 2].map((pass) => steps.slice(pass * 60, pass * 60 + 60).map(({ row }) => row));
    for (const order of orders) {
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, row) => row));
    }
    expect(new Set(orders.map(String)).size).toBe(3);
    expect([run.steps, run.length]).toEqual([180, 180]);
  });

  test('is repeated by the same options, and is another with another seed', () => {
    expect(stepsOf(new OnlineRun(mixed, options(policy, { passes: 3 })))).toEqual(steps);
    const other = stepsOf(new OnlineRun(mixed, options(policy, { passes: 3, seed: 2 })));
    expect(other.map(({ row }) => row)).not.toEqual(steps.map(({ row }) => row));
    const armsOf = (seed: number) => {
      const parameters = BRISK[policy.id] ?? {};
      return stepsOf(new OnlineRun(mixed, options(policy, { passes: 3, seed, parameters }))).map(({ arm }) => arm);
    };
    expect(armsOf(2)).not.toEqual(armsOf(1));
  });

  test('is the same when it is paused, and when it starts again from anywhere', () => {
    const paused = new OnlineRun(mixed, options(policy, { passes: 3 }));
    expect([0, 1, 6, 83].flatMap((count) => stepsOf(paused, count))).toEqual(steps.slice(0, 90));
    expect(paused.steps).toBe(90);
    expect(paused.curve).toEqual(run.curve.subarray(0, 91));
    paused.restart();
    expect([paused.steps, paused.regret, total([...paused.pulls]), ...paused.curve]).toEqual([0, 0, 0, 0]);
    expect(stepsOf(paused)).toEqual(steps);
    expect(paused.curve).toEqual(run.curve);
    paused.restart();
    expect(stepsOf(paused, 7)).toEqual(steps.slice(0, 7));
  });

  test('tells what the chosen arm does to the row', () => {
    const { trace, labels, probabilities } = mixed;
    const network = simulatedNetwork(1);
    for (const { row, arm: index, ...step } of steps) {
      const confidences = Float64Array.from({ length: 12 }, (_, layer) => {
        const at = (row * 12 + layer) * 2;
        return Math.max(probabilities[at] ?? 0, probabilities[at + 1] ?? 0);
      });
      const sample = {
        tokens: trace.tokens[row] ?? 0,
        firstConfidence: confidences[0] ?? 0,
        deviceConfidence: confidences[3] ?? 0,
        network: network(),
        confidences,
        labels: labels.slice(row * 12, row * 12 + 12),
        gold: trace.gold[row] ?? 0,
      };
      const arm = policy.arms(settingFor(policy))[index];
      const exitLayer = arm?.exitLayer(sample) ?? toLayer(0);
      expect(step).toEqual({
        exitLayer,
        tier: stretchAt(arm?.stretches ?? [], exitLayer)?.tier,
        reward: arm?.reward(sample),
        cost: costAt(exitLayer, arm?.stretches ?? [], DEFAULT_COSTS),
        isRight: sample.labels[exitLayer - 1] === sample.gold,
      });
    }
  });

  test('sums up what the steps did, and what the best fixed arm and the cloud would have done', () => {
    const sums = (of: readonly OnlineStep[]) => ({
      reward: expect.closeTo(total(of.map(({ reward }) => reward)), 9),
      cost: expect.closeTo(total(of.map(({ cost }) => cost)), 9),
      right: of.filter(({ isRight }) => isRight).length,
    });
    expect(run.chosen).toMatchObject(sums(steps));
    const best = new OnlineRun(mixed, options(always(policy, run.bestArm), { passes: 3 }));
    expect(run.best).toMatchObject(sums(stepsOf(best)));
    const { rows, layers, gold } = mixed.trace;
    const right = 3 * Array.from(gold).filter((label, row) => mixed.labels[(row + 1) * layers - 1] === label).length;
    expect(run.allCloud).toEqual({ cost: 3 * rows * (5 + 12), right });
    expect([...run.pulls]).toEqual(run.arms.map((_, arm) => steps.filter((step) => step.arm === arm).length));
  });

  test('is measured against the arm that earns the most when it is always chosen', () => {
    const rewardsOf = (arm: number) =>
      stepsOf(new OnlineRun(mixed, options(always(policy, arm), { passes: 3 }))).map(({ reward }) => reward);
    const best = rewardsOf(run.bestArm);
    expect(total(best)).toBeCloseTo(Math.max(...run.arms.map((_, arm) => total(rewardsOf(arm)))), 9);
    for (const count of [0, 1, 50, 180]) {
      const earned = total(steps.slice(0, count).map(({ reward }) => reward));
      expect(run.curve[count]).toBeCloseTo(total(best.slice(0, count)) - earned, 9);
    }
    expect(run.regret).toBe(run.curve.at(-1));
  });

  test('refuses parameters that the policy does not have, or that are out of range', () => {
    const [spec] = parametersOf(policy, 12);
    if (!spec) throw new Error('A policy without parameters needs another test.');
    const started = (parameters: PolicyParameters) => () => new OnlineRun(mixed, options(policy, { parameters }));
    expect(started({ speed: 1 })).toThrow(`The policy “${policy.id}” has no parameter “speed”.`);
    for (const value of [spec.max + spec.step, spec.min - spec.step, Number.NaN]) {
      expect(started({ [spec.id]: value })).toThrow(
        `${spec.label} must be from ${spec.min} to ${spec.max}, not ${value}.`,
      );
    }
    expect(started({ [spec.id]: spec.max })).not.toThrow();
  });
});

test('a parameter in whole steps takes no half', () => {
  const started = () =>
    new OnlineRun(mixed, options(onlinePolicyById('ucb-thresholds'), { parameters: { thresholds: 4.5 } }));
  expect(started).toThrow('Thresholds must be a whole number, not 4.5.');
});

test('a long run keeps a curve of at most 501 points, the last of them at its end', () => {
  const run = new OnlineRun(mixed, options(splitEE, { passes: 250 })).advance();
  expect([run.length, run.curveStride, run.curve.length]).toEqual([15_000, 30, 501]);
  expect(run.curve.at(-1)).toBe(run.regret);
  const shorter = new OnlineRun(mixed, options(splitEE, { passes: 250 })).advance(3000);
  expect(shorter.curve).toEqual(run.curve.subarray(0, 101));
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
  const steps = stepsOf(new OnlineRun(mixed, options(listening)));
  expect(told).toEqual(steps.map(({ exitLayer }) => exitLayer));
  expect(new Set(told).size).toBeGreaterThan(5);
});

/** How regret has grown after a quarter of the stream and after all of it, mean over seeds. */
function growth(policy: OnlinePolicy, calibrated: CalibratedTrace, bestArms: readonly number[]) {
  let [quarter, all] = [0, 0];
  for (let seed = 1; seed <= 6; seed++) {
    const run = new OnlineRun(calibrated, options(policy, { seed }));
    expect(bestArms).toContain(run.bestArm);
    quarter += run.advance(run.length / 4).regret;
    all += run.advance().regret;
  }
  return { quarter, all };
}

describe('regret grows more slowly than the stream', () => {
  const rows = 4000;
  const lots = seededRandom(52);
  /** Split layer 3 is the best: a sample is sure there with probability 0.95, before with 0.1 and 0.2. */
  const splitting = tracedRows(rows, () => ({
    confidences: Array.from({ length: 12 }, (_, index) => {
      const isSure = index === 11 || lots() < (index < 2 ? 0.1 * (index + 1) : 0.95);
      return isSure ? 0.97 : 0.6;
    }),
  }));
  /** Thresholds 0.65 to 0.9 are the best: nine tenths of the samples are sure at exit 4, the others never. */
  const thresholding = tracedRows(rows, () => {
    const late = lots() < 0.9 ? 0.92 : 0.62;
    return {
      confidences: Array.from({ length: 12 }, (_, index) => (index < 3 ? 0.62 : index < 11 ? late : late + 0.02)),
    };
  });
  /** The edge is the best, and nothing about a sample says more. */
  const featureless = tracedRows(rows, () => {
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
  const telling = tracedRows(4000, () => {
    const isEasy = lots() < 0.5;
    const right = Array.from({ length: 12 }, (_, index) => isEasy || index >= 8);
    return { confidences: [isEasy ? 0.95 : 0.55, ...new Array<number>(11).fill(0.9)], right };
  });
  const run = new OnlineRun(telling, options(onlinePolicyById('contextual-bandit')));
  const [half, end] = [run.advance(2000).regret, run.advance().regret];
  // The cloud is the best fixed tier: 0.83. Easy samples earn 0.96 on the mobile tier, so 0.065 a sample is to be had.
  expect((end - half) / 2000).toBeLessThan(-0.055);
});

describe('the list', () => {
  test('has every policy once, with defaults in range', () => {
    expect(new Set(ONLINE_POLICIES.map(({ id }) => id)).size).toBe(ONLINE_POLICIES.length);
    for (const policy of ONLINE_POLICIES) {
      for (const spec of parametersOf(policy, 12)) {
        expect(spec.default).toBeGreaterThanOrEqual(spec.min);
        expect(spec.default).toBeLessThanOrEqual(spec.max);
      }
    }
  });

  test('knows no other name', () => {
    expect(() => onlinePolicyById('exp3')).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});

describe('a stream that changes half-way', () => {
  const before = traceOf(Array.from({ length: 40 }, () => ({ confidences: new Array<number>(12).fill(0.9) })));
  // After the change exit 12 alone is sure, so that the surest threshold is worth its cost.
  const after = traceOf(
    Array.from({ length: 40 }, () => ({ confidences: [...new Array<number>(11).fill(0.55), 0.999] })),
  );
  const policy = onlinePolicyById('ucb-thresholds');
  const parameters = { thresholds: 3, costWeight: 0.001 };
  const changing = options(policy, { parameters, changesTo: after, passes: 2 });

  test('takes each row once a pass before the change, and as often after it', () => {
    const run = new OnlineRun(before, changing);
    const rows = stepsOf(run).map(({ row }) => row);
    expect([run.length, run.changeAt]).toEqual([160, 80]);
    for (const pass of [0, 1, 2, 3]) expect(new Set(rows.slice(pass * 40, pass * 40 + 40)).size).toBe(40);
    expect(stepsOf(new OnlineRun(before, options(policy, { parameters, passes: 2 })))).toEqual(
      stepsOf(new OnlineRun(before, changing), 80),
    );
  });

  test('has a best choice for each half, and regret against the one whose turn it is', () => {
    const run = new OnlineRun(before, changing);
    // Before, all leave at exit 1 or pay for nothing: 0.5 and 0.75 earn 0. After, 0.75 earns 0.449 less 16 · 0.001.
    expect(run.bestArms).toEqual([0, 1]);
    expect([run.bestArm, run.regretAtChange]).toEqual([0, undefined]);
    run.advance(80);
    const regretBefore = run.regret;
    expect([run.bestArm, run.regretAtChange]).toEqual([1, regretBefore]);
    run.advance();
    expect([run.bestArm, run.regretAtChange]).toEqual([1, regretBefore]);
    expect(run.best.reward).toBeCloseTo(80 * (0.999 - 0.55 - 0.001 * 16), 3);
    expect(run.regret).toBeCloseTo(run.best.reward - run.chosen.reward, 12);
    run.restart();
    expect([run.bestArm, run.regretAtChange]).toEqual([0, undefined]);
  });

  test('asks for as many rows after the change as before it', () => {
    const fewer = traceOf([{ confidences: new Array<number>(12).fill(0.9) }]);
    expect(() => new OnlineRun(before, { ...changing, changesTo: fewer })).toThrow('expected 40 rows after the change');
  });
});

describe('what a learner is told late', () => {
  /** Notes when it was told of which sample: the numbers of choices made by then. */
  function noting(): { readonly policy: OnlinePolicy; readonly told: (readonly [sample: number, after: number])[] } {
    const told: (readonly [number, number])[] = [];
    let choices = 0;
    const learner = { choose: () => choices++ % 3, learn: () => void told.push([told.length, choices]) };
    return { policy: { ...splitEE, start: () => learner }, told };
  }

  test.each([0, 1, 7])('comes %i samples later, in order, and the last never', (delay) => {
    const { policy, told } = noting();
    new OnlineRun(mixed, options(policy, { delay })).advance();
    expect(told).toEqual(Array.from({ length: 60 - delay }, (_, sample) => [sample, sample + 1 + delay]));
  });

  test('is forgotten when the run starts again', () => {
    const run = new OnlineRun(mixed, options(splitEE, { delay: 9 }));
    const first = stepsOf(run);
    run.restart();
    expect(stepsOf(run)).toEqual(first);
    expect(first).not.toEqual(stepsOf(new OnlineRun(mixed, options(splitEE))));
  });
});
