import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../testing/random';
import { LinUcb } from './lin-ucb';

/** The solution of A y = b by elimination with pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const rest = rows.slice(column).map((row) => Math.abs(row[column] ?? 0));
    const pivot = column + rest.indexOf(Math.max(...rest));
    [rows[column], rows[pivot]] = [rows[pivot] ?? [], rows[column] ?? []];
    const [head] = [rows[column] ?? []];
    rows.forEach((row, index) => {
      if (index === column) return;
      const factor = (row[column] ?? 0) / (head[column] ?? 1);
      row.forEach((value, at) => (row[at] = value - factor * (head[at] ?? 0)));
    });
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

/** Ridge regression with penalty 1 from what an arm has seen: θ, and the bound at x. */
function directly(seen: readonly { x: Float64Array; reward: number }[], dimensions: number, exploration: number) {
  const gram = Array.from({ length: dimensions }, (_, row) =>
    Array.from({ length: dimensions }, (_, column) =>
      seen.reduce((sum, { x }) => sum + (x[row] ?? 0) * (x[column] ?? 0), row === column ? 1 : 0),
    ),
  );
  const moments = Array.from({ length: dimensions }, (_, row) =>
    seen.reduce((sum, { x, reward }) => sum + (x[row] ?? 0) * reward, 0),
  );
  const weights = solved(gram, moments);
  const product = (values: readonly number[], x: Float64Array) =>
    values.reduce((sum, value, index) => sum + value * (x[index] ?? 0), 0);
  const bound = (x: Float64Array) => product(weights, x) + exploration * Math.sqrt(product(solved(gram, [...x]), x));
  return { weights, bound };
}

const featuresOf = (random: Random, dimensions: number) =>
  Float64Array.from({ length: dimensions }, () => 4 * random() - 2);

describe('linear UCB', () => {
  test('has by hand: one feature 1, rewards 1, 0, 1 give θ = 1/2, 1/3, 1/2', () => {
    const ucb = new LinUcb(1, 1, 1, 0);
    const one = Float64Array.of(1);
    const weights = [1, 0, 1].map((reward) => {
      ucb.learn(0, one, reward);
      return ucb.weights(0)[0];
    });
    expect(weights).toEqual([1 / 2, 1 / 3, 1 / 2].map((weight) => expect.closeTo(weight, 12)));
  });

  test('weighs by hand: 1/2 + β √(1/2) of a tried arm against 0 + β of a new one', () => {
    const choice = (exploration: number) => {
      const ucb = new LinUcb(2, 1, exploration, 0);
      ucb.learn(0, Float64Array.of(1), 1);
      return ucb.choose(Float64Array.of(1));
    };
    // Equal at β = 0.5 / (1 − 0.7071) = 1.707.
    expect([choice(0.5), choice(1.7), choice(1.71), choice(3)]).toEqual([0, 0, 1, 1]);
  });

  test('keeps the ridge regression and the bounds that solving directly gives', () => {
    const [arms, dimensions, exploration] = [3, 6, 0.7];
    const random = seededRandom(41);
    const ucb = new LinUcb(arms, dimensions, exploration, 0);
    const seen = Array.from({ length: arms }, () => [] as { x: Float64Array; reward: number }[]);
    const chosen = new Set<number>();
    for (let step = 0; step < 200; step++) {
      const x = featuresOf(random, dimensions);
      const bounds = seen.map((rows) => directly(rows, dimensions, exploration).bound(x));
      const arm = ucb.choose(x);
      expect(bounds[arm]).toBeCloseTo(Math.max(...bounds), 10);
      const reward = (x[arm] ?? 0) + random();
      ucb.learn(arm, x, reward);
      seen[arm]?.push({ x, reward });
      chosen.add(arm);
    }
    expect(chosen.size).toBe(arms);
    seen.forEach((rows, arm) => {
      const { weights } = directly(rows, dimensions, exploration);
      expect([...ucb.weights(arm)]).toEqual(weights.map((weight) => expect.closeTo(weight, 9)));
    });
  });

  test('stays exact over a long stream of features that are nearly alike', () => {
    const random = seededRandom(42);
    const ucb = new LinUcb(1, 3, 1, 0);
    const rows = Array.from({ length: 5000 }, () => {
      const x = Float64Array.of(1, 0.5 + random() / 100, 0.2 + random() / 100);
      return { x, reward: random() };
    });
    for (const { x, reward } of rows) ucb.learn(0, x, reward);
    const { weights } = directly(rows, 3, 1);
    expect([...ucb.weights(0)]).toEqual(weights.map((weight) => expect.closeTo(weight, 8)));
  });
});
