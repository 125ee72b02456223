import { describe, expect, test } from 'vitest';
import { findExit } from './decision';
import { type Plan, stretchesOf } from '../layers';
import { exitLayer, exitsWith, sure, unsure } from '../testing/exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { type PolicyParameters, resolvePolicy } from '.';
import { exitsOfTiers, linearPool, logLinearPool, trustIn } from './tier-answers';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const stretches = stretchesOf('cascade', plan, 12);

/** Error rates of 0.5 but at these layers; so many rows that half an error more is nothing. */
function withErrors(rates: Readonly<Record<number, number>>) {
  const errorRates = Array.from({ length: 12 }, (_, index) => rates[index + 1] ?? 0.5);
  return { data: fakePolicyData({ rows: 1e12, errorRates }) };
}

function answer(
  id: string,
  parameters: PolicyParameters,
  exits: ReturnType<typeof exitsWith>,
  fitted = withErrors({}),
) {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters }, 12);
  return findExit(exits, { policy, parameters: complete, stretches, fitted });
}

describe('the exits of tiers', () => {
  const exits = exitsWith(...unsure(12));
  const layersOf = (upTo: number, most?: number, chosen: Plan = plan) =>
    exitsOfTiers(exits.slice(0, upTo), stretchesOf('cascade', chosen, 12), most).map(({ layer }) => layer);

  test('are the last one of each tier passed, and none within a tier', () => {
    expect([4, 8, 12].map((upTo) => layersOf(upTo))).toEqual([[4], [4, 8], [4, 8, 12]]);
    expect([1, 3, 5, 11].map((upTo) => layersOf(upTo))).toEqual([[], [], [], []]);
    expect(layersOf(12, 1, { mobileLayers: 4, edgeLayers: 4 })).toEqual([4, 12]);
  });

  test('are as many of the last ones as asked for, and no more than a tier has', () => {
    expect(layersOf(8, 2)).toEqual([3, 4, 7, 8]);
    expect(layersOf(8, 4, { mobileLayers: 1, edgeLayers: 8 })).toEqual([1, 5, 6, 7, 8]);
  });
});

describe('trust', () => {
  const [first, second, ...others] = exitsWith(...unsure(12));
  if (!first || !second) throw new Error('unreachable');

  test('is in proportion to the log-odds of being right', () => {
    // ln(0.9 / 0.1) = 2 ln 3 and ln(0.75 / 0.25) = ln 3.
    expect(trustIn([first, second], withErrors({ 1: 0.1, 2: 0.25 }))).toEqual([
      expect.closeTo(2 / 3, 9),
      expect.closeTo(1 / 3, 9),
    ]);
  });

  test('counts chance of more classes for more: of three, an error rate of 2/3 is none', () => {
    const [one, other] = exitsWith([0.4, 0.3, 0.3], [0.4, 0.3, 0.3]);
    if (!one || !other) throw new Error('unreachable');
    expect(trustIn([one, other], withErrors({ 1: 2 / 3, 2: 0.5 }))).toEqual([
      expect.closeTo(0, 9),
      expect.closeTo(1, 9),
    ]);
  });

  test('is none in an exit worse than chance, equal where all are, and finite in one that never errs', () => {
    expect(trustIn([first, second], withErrors({ 1: 0.7, 2: 0.4 }))).toEqual([0, 1]);
    expect(trustIn([first, second], withErrors({ 1: 0.7, 2: 0.6 }))).toEqual([0.5, 0.5]);
    const [perfect = 0] = trustIn([first, second], { data: fakePolicyData({ rows: 99, errorRates: [0, 0.1] }) });
    // Half an error in 100 rows against 10.4 in 100.
    const [odds, less] = [Math.log(0.995 / 0.005), Math.log((100 - 10.4) / 10.4)];
    expect(perfect).toBeCloseTo(odds / (odds + less), 9);
    expect(others).toHaveLength(10);
  });
});

describe('opinion pools', () => {
  const exits = exitsWith([0.8, 0.2], [0.5, 0.5]);

  test('linear: the weighted mean', () => {
    expect(linearPool(exits, [0.25, 0.75])).toEqual([expect.closeTo(0.575, 12), expect.closeTo(0.425, 12)]);
  });

  test('logarithmic: the weighted geometric mean', () => {
    // √(0.8 · 0.5) : √(0.2 · 0.5) is 2 : 1.
    expect(logLinearPool(exits, [0.5, 0.5])).toEqual([expect.closeTo(2 / 3, 12), expect.closeTo(1 / 3, 12)]);
  });

  test('logarithmic: an exit without weight says nothing, not even that a class is impossible', () => {
    const certain = exitsWith([1, 0], [0.3, 0.7]);
    expect(logLinearPool(certain, [0, 1])).toEqual([expect.closeTo(0.3, 12), expect.closeTo(0.7, 12)]);
    expect(logLinearPool(certain, [0.5, 0.5]).every(Number.isFinite)).toBe(true);
  });
});

describe('edge-cloud fusion', () => {
  const fitted = withErrors({ 4: 0.25, 8: 0.1, 12: 0.1 });

  test('looks at the last exits of tiers alone, and leaves at one that is sure', () => {
    const early = exitsWith(sure(0.99), ...unsure(2), sure(0.92));
    expect(exitLayer('fusion', { mobileThreshold: 0.9 }, early, { fitted })).toBe(4);
    expect(exitLayer('fusion', { mobileThreshold: 0.95 }, early, { fitted })).toBeUndefined();
  });

  test('refines the answer of the mobile tier by that of the farthest tier reached', () => {
    // Trust is 1/3 in the near exit and 2/3 in the far one: 0.2^(1/3) · 0.9^(2/3) : 0.8^(1/3) · 0.1^(2/3).
    const exits = exitsWith(...unsure(3), sure(0.2), ...unsure(3), sure(0.9));
    const ratio = (0.2 / 0.8) ** (1 / 3) * 9 ** (2 / 3);
    const left = answer('fusion', { mobileThreshold: 0.9, edgeThreshold: 0.7 }, exits, fitted);
    expect(left).toMatchObject({ layer: 8, label: 0, confidence: expect.closeTo(ratio / (1 + ratio), 9) });
    expect(ratio / (1 + ratio)).toBeLessThan(0.8);
    expect(answer('fusion', { mobileThreshold: 0.9, edgeThreshold: 0.8 }, exits, fitted)).toBeUndefined();
  });

  test('at the cloud the edge’s exit counts no more', () => {
    const upTo = (edge: number) =>
      exitsWith(...unsure(3), sure(0.7), ...unsure(3), sure(edge), ...unsure(3), sure(0.3));
    const answers = [0.5, 0.2].map((edge) => answer('fusion', { edgeThreshold: 1 }, upTo(edge), fitted));
    expect(answers[0]).toMatchObject({ layer: 12, label: 1 });
    expect(answers[1]?.probabilities).toEqual(answers[0]?.probabilities);
  });

  test('a near exit that is much surer overrules an unsure far one', () => {
    const exits = exitsWith(...unsure(3), sure(0.89), ...unsure(7), sure(0.45));
    expect(answer('fusion', { edgeThreshold: 1 }, exits, withErrors({ 4: 0.1, 12: 0.1 }))).toMatchObject({
      layer: 12,
      label: 0,
    });
  });

  test('thresholds of 1 are never reached', () => {
    const certain = exitsWith(...new Array<number[]>(12).fill([1, 0]));
    expect(exitLayer('fusion', { mobileThreshold: 1, edgeThreshold: 1 }, certain, { fitted })).toBe(12);
  });
});

describe('edge ensemble', () => {
  const fitted = withErrors({ 3: 0.25, 4: 0.25, 7: 0.1, 8: 0.1 });

  test('the last exits of a tier vote by how far they are trusted', () => {
    const exits = exitsWith(...unsure(2), sure(0.9), sure(0.7));
    const leavesAt = (members: number, threshold: number) =>
      exitLayer('edge-ensemble', { members, threshold }, exits, { fitted });
    // One vote: 0.7; two of equal weight: 0.8.
    expect([leavesAt(1, 0.69), leavesAt(1, 0.71), leavesAt(2, 0.79), leavesAt(2, 0.81)]).toEqual([
      ...[4, undefined],
      ...[4, undefined],
    ]);
  });

  test('every tier reached votes, and the answer is theirs together', () => {
    // Weights 1, 1, 2 and 2 of 6: (0.45 + 0.45 + 2 · 0.9 + 2 · 0.6) / 6 = 0.65.
    const exits = exitsWith(...unsure(2), sure(0.45), sure(0.45), ...unsure(2), sure(0.9), sure(0.6));
    const left = answer('edge-ensemble', { members: 2, threshold: 0.64 }, exits, fitted);
    expect(left).toMatchObject({ layer: 8, label: 0, confidence: expect.closeTo(0.65, 9) });
    expect(answer('edge-ensemble', { members: 2, threshold: 0.66 }, exits, fitted)).toBeUndefined();
  });

  test('a threshold of 1 is never reached', () => {
    const certain = exitsWith(...new Array<number[]>(12).fill([1, 0]));
    expect(exitLayer('edge-ensemble', { threshold: 1 }, certain, { fitted })).toBe(12);
  });
});
