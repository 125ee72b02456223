import { describe, expect, test } from 'vitest';
import { calibrationWith } from '../testing/calibration-exits';
import { exitLayer, exitsWith, scoresOf, sure } from '../testing/exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { seededRandom } from '../testing/random';

describe('ensemble', () => {
  const errorRates = [0.5, 0.4, 0.3, 0.2, 0.1, 0, 0, 0, 0, 0, 0, 0];
  const data = fakePolicyData({ errorRates });
  const exits = exitsWith(sure(0.8), sure(0.9), sure(0.3), sure(0.4), sure(0.1));

  test('adds confidences, weighted by how often the exit is right, while exits agree, and starts again where they do not', () => {
    // The third exit names the other class, with 0.7; the fourth agrees with it by 0.6, the fifth by 0.9.
    const expected = [
      0.5 * 0.8,
      0.5 * 0.8 + 0.6 * 0.9,
      0.7 * 0.7,
      0.7 * 0.7 + 0.8 * 0.6,
      0.7 * 0.7 + 0.8 * 0.6 + 0.9 * 0.9,
    ];
    expect(scoresOf('ensemble', exits, { data })).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  test('by cost, an exit counts as much as it has layers', () => {
    const expected = [0.8, 0.8 + 2 * 0.9, 3 * 0.7, 3 * 0.7 + 4 * 0.6, 3 * 0.7 + 4 * 0.6 + 5 * 0.9];
    expect(scoresOf('ensemble-by-cost', exits, { data })).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  // Four calibration rows, all right at the last exit. At exit 1 they are 0.9, 0.8 and 0.6 sure and right, and 0.7 sure and
  // wrong: down to 0.8 it errs no more often than the last exit, below it does.
  const calibration = calibrationWith({ 1: [0.9, 0.8, 0.3, 0.6], 12: [0.9, 0.9, 0.9, 0.9] });

  test('a threshold is the least down to which an exit errs no more often than the last one, times the strictness', () => {
    const leavesAt = (confidence: number, strictness: number) =>
      exitLayer('ensemble', { strictness }, exitsWith(sure(confidence)), { fitted: { data, calibration } }) === 1;
    expect([leavesAt(0.8, 1), leavesAt(0.79, 1)]).toEqual([true, false]);
    expect([leavesAt(0.8, 1.1), leavesAt(0.89, 1.1), leavesAt(0.7, 0.8)]).toEqual([false, true, true]);
  });

  test('lets nothing leave at an exit whose surest row is wrong already, and all where none is', () => {
    const wrong = calibrationWith({ 1: [0.1, 0.8], 12: [0.9, 0.9] });
    const right = calibrationWith({ 1: [0.9, 0.55], 12: [0.9, 0.9] });
    const leaves = (rows: typeof wrong, p: number) =>
      exitLayer('ensemble', {}, exitsWith(sure(p)), { fitted: { data, calibration: rows } });
    expect([leaves(wrong, 0.89), leaves(right, 0.56)]).toEqual([undefined, 1]);
  });

  test('leaves where the paper’s own loop stops', () => {
    const random = seededRandom(6);
    const draw = (rows: number) => Array.from({ length: rows }, () => 0.05 + 0.9 * random());
    const rows = calibrationWith(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index + 1, draw(40)])));
    const p = (row: number, layer: number) => rows.probabilities[(row * 12 + layer - 1) * 2] ?? 0;
    /** S after each exit: the sum is kept where a label is that of the exit before, and starts anew elsewhere. */
    const sums = (firstClass: readonly number[]) => {
      let sum = 0;
      return firstClass.map((value, index) => {
        const agrees = index > 0 && (firstClass[index - 1] ?? 0) >= 0.5 === value >= 0.5;
        sum = (agrees ? sum : 0) + (1 - (errorRates[index] ?? 0)) * Math.max(value, 1 - value);
        return sum;
      });
    };
    const ofRow = (row: number) => Array.from({ length: 12 }, (_, index) => p(row, index + 1));
    // Thresholds exit by exit, on the rows that stay: the least candidate of which every greater one is as safe.
    let staying = Array.from({ length: 40 }, (_, row) => ({ p: ofRow(row), sums: sums(ofRow(row)) }));
    const alphas = Array.from({ length: 12 }, (_, index) => {
      const scoreOf = (row: (typeof staying)[number]) => row.sums[index] ?? 0;
      const errors = (exit: number, from: number) =>
        staying.filter((row) => scoreOf(row) >= from && (row.p[exit] ?? 0) < 0.5).length;
      const candidates = staying.map(scoreOf).sort((a, b) => b - a);
      const failing = candidates.findIndex((from) => errors(index, from) > errors(11, from));
      const alpha = (failing < 0 ? candidates.at(-1) : candidates[failing - 1]) ?? Infinity;
      staying = staying.filter((row) => scoreOf(row) < alpha);
      return alpha;
    });
    for (let round = 0; round < 50; round++) {
      const values = draw(12);
      const reached = sums(values).findIndex((sum, index) => sum >= (alphas[index] ?? Infinity) - 1e-12);
      const fitted = { data, calibration: rows };
      expect(exitLayer('ensemble', {}, exitsWith(...values.map(sure)), { fitted })).toBe(
        reached < 0 ? 12 : reached + 1,
      );
    }
  });
});
