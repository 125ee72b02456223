import { describe, expect, test } from 'vitest';
import { bestByLot } from './best-by-lot';
import { Ucb } from './ucb';

describe('UCB', () => {
  test('chooses by hand-computed bounds Q + √(ln t / N)', () => {
    const ucb = new Ucb(2, 1, 7);
    expect([ucb.choose(), ucb.choose()]).toEqual([expect.any(Number), expect.any(Number)]);
    ucb.learn({ arm: 0, reward: 0.5 });
    ucb.learn({ arm: 1, reward: 0.6 });
    // Round 3, ln 3 = 1.099: 0.5 + 1.048 against 0.6 + 1.048.
    expect(ucb.choose()).toBe(1);
    ucb.learn({ arm: 1, reward: 0.2 });
    // Round 4, ln 4 = 1.386: 0.5 + 1.177 against 0.4 + 0.833.
    expect(ucb.choose()).toBe(0);
    ucb.learn({ arm: 0, reward: 0 });
    // Round 5, ln 5 = 1.609: 0.25 + 0.897 against 0.4 + 0.897.
    expect(ucb.choose()).toBe(1);
    ucb.learn({ arm: 1, reward: 1 });
    // Round 6, ln 6 = 1.792: 0.25 + 0.947 against 0.6 + 0.773.
    expect(ucb.choose()).toBe(1);
    ucb.learn({ arm: 1, reward: -1.4 });
    // Round 7, ln 7 = 1.946: 0.25 + 0.986 against 0.1 + 0.697.
    expect(ucb.choose()).toBe(0);
  });

  test('comes back to an arm that looks worse, as long as it is little known, by as much as exploration weighs', () => {
    const choice = (exploration: number) => {
      const ucb = new Ucb(2, exploration, 1);
      ucb.learn({ arm: 0, reward: 0.4 });
      for (let count = 0; count < 4; count++) ucb.learn({ arm: 1, reward: 0.6 });
      for (let round = 1; round < 5; round++) ucb.choose();
      return ucb.choose();
    };
    // Round 5: 0.4 + 1.269 β against 0.6 + 0.634 β, equal at β = 0.315.
    expect([choice(0), choice(0.3), choice(0.33), choice(1)]).toEqual([1, 1, 0, 0]);
  });

  test('tries every arm once before any other twice, in an order that the seed decides', () => {
    const firstArms = (seed: number) => {
      const ucb = new Ucb(5, 0.1, seed);
      return Array.from({ length: 5 }, () => {
        const arm = ucb.choose();
        ucb.learn({ arm, reward: 1 });
        return arm;
      });
    };
    const orders = Array.from({ length: 20 }, (_, seed) => firstArms(seed));
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(firstArms(3)).toEqual(firstArms(3));
    expect(new Set(orders.map(String)).size).toBeGreaterThan(10);
  });
});

test('the best is the largest, and among equals each is drawn about as often', () => {
  expect(bestByLot(Float64Array.of(1, 3, 2), 5, 1)).toBe(1);
  const counts = [0, 0, 0, 0];
  for (let round = 0; round < 3000; round++) {
    const drawn = bestByLot(Float64Array.of(2, 1, 2, 2), 5, round);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  expect(counts[1]).toBe(0);
  for (const index of [0, 2, 3]) expect(counts[index]).toBeCloseTo(1000, -2.3);
});
