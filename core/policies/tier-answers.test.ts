import { describe, expect, test } from 'vitest';
import { findExit } from './decision';
import { type Plan, stretchesOf } from '../layers';
import { exitLayer, exitsWith, sure, unsure } from '../testing/exits';
import { calibrationWith } from '../testing/calibration-exits';
import { type PolicyParameters, resolvePolicy } from '.';
import { exitsOfTiers, linearPool, logLinearPool } from './tier-answers';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const stretches = stretchesOf('cascade', plan, 12);

/** Two exits that are as good as each other, each where the other is not; by symmetry each counts a half. */
const alike = (one: number, other: number) => ({
  calibration: calibrationWith({ [one]: [0.9, 0.6], [other]: [0.6, 0.9] }),
});
/** One that is the better on every row, so that it alone counts. */
const better = (one: number, other: number) => ({
  calibration: calibrationWith({ [one]: [0.9, 0.8], [other]: [0.6, 0.7] }),
});

function answer(id: string, parameters: PolicyParameters, exits: ReturnType<typeof exitsWith>, fitted = alike(4, 8)) {
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
  const fitted = alike(4, 8);

  test('looks at the last exits of tiers alone, and leaves at one that is sure', () => {
    const early = exitsWith(sure(0.99), ...unsure(2), sure(0.92));
    expect(exitLayer('fusion', { mobileThreshold: 0.9 }, early, { fitted })).toBe(4);
    expect(exitLayer('fusion', { mobileThreshold: 0.95 }, early, { fitted })).toBeUndefined();
  });

  test('refines the answer of the mobile tier by that of the farthest tier reached', () => {
    // Each counts a half: √(0.2 · 0.9) : √(0.8 · 0.1) is 1.5 : 1.
    const exits = exitsWith(...unsure(3), sure(0.2), ...unsure(3), sure(0.9));
    const left = answer('fusion', { mobileThreshold: 0.9, edgeThreshold: 0.55 }, exits, fitted);
    expect(left).toMatchObject({ layer: 8, label: 0, confidence: expect.closeTo(0.6, 6) });
    expect(answer('fusion', { mobileThreshold: 0.9, edgeThreshold: 0.65 }, exits, fitted)).toBeUndefined();
  });

  test('a near exit that knows nothing more counts for nothing', () => {
    const exits = exitsWith(...unsure(3), sure(0.2), ...unsure(3), sure(0.9));
    const left = answer('fusion', { mobileThreshold: 0.9, edgeThreshold: 0.55 }, exits, better(8, 4));
    expect(left).toMatchObject({ layer: 8, label: 0, confidence: expect.closeTo(0.9, 5) });
  });

  test('at the cloud the edge’s exit counts no more', () => {
    const upTo = (edge: number) =>
      exitsWith(...unsure(3), sure(0.7), ...unsure(3), sure(edge), ...unsure(3), sure(0.3));
    const answers = [0.5, 0.2].map((edge) => answer('fusion', { edgeThreshold: 1 }, upTo(edge), better(12, 4)));
    expect(answers[0]).toMatchObject({ layer: 12, label: 1 });
    expect(answers[1]?.probabilities).toEqual(answers[0]?.probabilities);
  });

  test('thresholds of 1 are never reached', () => {
    const certain = exitsWith(...new Array<number[]>(12).fill([1, 0]));
    expect(exitLayer('fusion', { mobileThreshold: 1, edgeThreshold: 1 }, certain, { fitted })).toBe(12);
  });
});

describe('edge ensemble', () => {
  test('the last exits of a tier vote', () => {
    const exits = exitsWith(...unsure(2), sure(0.9), sure(0.7));
    const leavesAt = (members: number, threshold: number) =>
      exitLayer('edge-ensemble', { members, threshold }, exits, { fitted: alike(3, 4) });
    // One vote: 0.7; two of equal weight: 0.8.
    expect([leavesAt(1, 0.69), leavesAt(1, 0.71), leavesAt(2, 0.79), leavesAt(2, 0.81)]).toEqual([
      ...[4, undefined],
      ...[4, undefined],
    ]);
  });

  test('every tier reached votes, and the answer is theirs together', () => {
    // Both tiers’ last exits count a half: (0.45 + 0.9) / 2.
    const exits = exitsWith(...unsure(3), sure(0.45), ...unsure(3), sure(0.9));
    const left = answer('edge-ensemble', { members: 1, threshold: 0.67 }, exits, alike(4, 8));
    expect(left).toMatchObject({ layer: 8, label: 0, confidence: expect.closeTo(0.675, 6) });
    expect(answer('edge-ensemble', { members: 1, threshold: 0.68 }, exits, alike(4, 8))).toBeUndefined();
  });

  test('a threshold of 1 is never reached', () => {
    const certain = exitsWith(...new Array<number[]>(12).fill([1, 0]));
    expect(exitLayer('edge-ensemble', { threshold: 1 }, certain, { fitted: alike(4, 8) })).toBe(12);
  });
});
