import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, randomExits, scoresOf } from '../testing/exits';
import { seededRandom } from '../testing/random';

describe('patience', () => {
  const [yes, no] = [
    [0.4, 0.6],
    [0.6, 0.4],
  ];

  test('counts as the paper does: 0 at the first exit and after every change, one more where the class stays', () => {
    expect(scoresOf('patience', exitsWith(yes, no, no, yes, yes, yes))).toEqual([0, 0, 1, 0, 1, 2]);
  });

  test('leaves once the class has stayed so many times', () => {
    const exits = exitsWith(yes, no, no, yes, yes, yes);
    expect([0, 1, 2, 3].map((patience) => exitLayer('patience', { patience }, exits))).toEqual([1, 3, 6, undefined]);
  });

  test('counts across tiers', () => {
    expect(exitLayer('patience', { patience: 5 }, exitsWith(yes, yes, yes, yes, yes, yes))).toBe(6);
  });

  /** PABEE's inference, line by line: where it stops with a patience, from the labels of all exits. */
  function pabee(labels: readonly number[], patience: number): number {
    let counter = 0;
    let before: number | undefined;
    for (const [index, label] of labels.entries()) {
      counter = before !== undefined && label === before ? counter + 1 : 0;
      before = label;
      if (counter === patience) return index + 1;
    }
    return labels.length;
  }

  test('leaves where the paper’s own loop stops, whatever the exits say', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 300; round++) {
      const exits = randomExits(random, 3);
      const labels = exits.map(({ label }) => label);
      for (const patience of [1, 2, 3, 6]) {
        expect(exitLayer('patience', { patience }, exits)).toBe(pabee(labels, patience));
      }
    }
  });
});
