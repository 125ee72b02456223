import { describe, expect, test } from 'vitest';
import { randomInt, seededRandom } from '../testing/random';
import { paddedTokens, withCompanions } from './companions';

const rows = (...lengths: number[]) => lengths.map((tokens, index) => ({ tokens, index }));
const lengthsOf = (batch: readonly { tokens: number }[]) => batch.map(({ tokens }) => tokens);
const bounds = { tokens: 384, padding: 1.15 };

describe('The companions of a leader', () => {
  test('are those nearest to it in length, the earlier first among equals', () => {
    const batch = withCompanions({ tokens: 20, index: -1 }, rows(40, 21, 18, 20, 19, 21), {
      tokens: 80,
      padding: 1.15,
    });
    expect(batch.map(({ index }) => index)).toEqual([-1, 3, 1]);
  });

  test('leave it alone where it is longer than a batch may be', () => {
    expect(lengthsOf(withCompanions({ tokens: 500, index: -1 }, rows(500, 20), bounds))).toEqual([500]);
  });

  test('make no batch where it may have one token', () => {
    expect(lengthsOf(withCompanions({ tokens: 20, index: -1 }, rows(20, 20), { tokens: 1, padding: 2 }))).toEqual([20]);
  });

  test('one that would take too much padding is left out, and one behind it is not', () => {
    expect(lengthsOf(withCompanions({ tokens: 20, index: -1 }, rows(40, 30, 20), bounds))).toEqual([20, 20]);
  });

  test('with the leader stay within both bounds, whatever their lengths', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round++) {
      const all = rows(...Array.from({ length: randomInt(random, 0, 60) }, () => randomInt(random, 1, 128)));
      const batch = withCompanions({ tokens: randomInt(random, 1, 128), index: -1 }, all, bounds);
      const longest = Math.max(...lengthsOf(batch));
      const squares = batch.reduce((sum, { tokens }) => sum + tokens ** 2, 0);
      expect(batch[0]?.index).toBe(-1);
      expect(new Set(batch.map(({ index }) => index)).size).toBe(batch.length);
      if (batch.length === 1) continue;
      expect(paddedTokens(batch)).toBeLessThanOrEqual(bounds.tokens);
      expect((batch.length * longest ** 2) / squares).toBeLessThanOrEqual(bounds.padding);
    }
  });
});

test('padding counts every row as long as the longest', () => {
  expect([paddedTokens(rows(3, 8, 5)), paddedTokens([])]).toEqual([24, 0]);
});
