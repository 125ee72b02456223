import { describe, expect, test } from 'vitest';
import { randomInt, seededRandom } from '../testing/random';
import { goldInOrder, otherOrder, otherOrderSentence, wordsInOrder } from './other-order';

const repeat = (times: number, ...pairs: readonly (readonly [gold: number, answer: number])[]) =>
  pairs.flatMap((pair) => new Array<typeof pair>(times).fill(pair));
const orderOf = (rows: readonly (readonly [number, number])[], classes: number) =>
  otherOrder(
    rows.map(([gold]) => gold),
    rows.map(([, answer]) => answer),
    classes,
  );

describe('another order is found', () => {
  test('where two of three classes are exchanged, and one answer is wrong in either', () => {
    const rows = [...repeat(6, [0, 2], [1, 1], [2, 0]), [0, 1] as const];
    expect(orderOf(rows, 3)).toEqual({ classes: [2, 1, 0], right: 6, rightThen: 18, rows: 19 });
  });

  test('where three are shifted', () => {
    expect(orderOf(repeat(8, [0, 1], [1, 2], [2, 0]), 3)?.classes).toEqual([1, 2, 0]);
  });

  test('where both are exchanged in ten rows', () => {
    expect(orderOf(repeat(5, [0, 1], [1, 0]), 2)).toMatchObject({ classes: [1, 0], right: 0, rightThen: 10 });
  });

  test('among many classes, by one exchange', () => {
    const rows = repeat(
      9,
      ...Array.from({ length: 8 }, (_, label) => [label, [0, 5, 2, 3, 4, 1, 6, 7][label] ?? 0] as const),
    );
    expect(orderOf(rows, 8)?.classes).toEqual([0, 5, 2, 3, 4, 1, 6, 7]);
  });
});

describe('no other order is offered', () => {
  test('where the labels are as the model has them', () => {
    expect(orderOf(repeat(9, [0, 0], [1, 1], [1, 0]), 2)).toBeUndefined();
  });

  test('for few rows', () => {
    expect(orderOf(repeat(3, [0, 1], [1, 0]), 2)).toBeUndefined();
  });

  test('where the model guesses, however many rows there are', () => {
    const random = seededRandom(11);
    const rows = Array.from({ length: 5000 }, () => [randomInt(random, 0, 2), randomInt(random, 0, 2)] as const);
    expect(orderOf(rows, 3)).toBeUndefined();
  });

  test('where it is wrong a little more often than right', () => {
    expect(orderOf(repeat(100, ...repeat(11, [0, 1], [1, 0]), ...repeat(9, [0, 0], [1, 1])), 2)).toBeUndefined();
  });

  test('where all rows have one label', () => {
    expect(orderOf(repeat(40, [0, 1]), 2)).toBeUndefined();
  });
});

describe('it is said and taken', () => {
  const order = { classes: [2, 1, 0], right: 8, rightThen: 24, rows: 24 };
  const labels = ['entailment', 'neutral', 'contradiction'];

  test('in the words of the file, or the names of classes', () => {
    const words = new Map([
      ['2', 2],
      ['-', null],
      ['1', 1],
      ['0', 0],
    ] as const);
    expect(otherOrderSentence(order, labels, words)).toBe(
      'The labels seem to be in another order: if “0” meant contradiction and “2” meant entailment, 24 of 24 rows would be right, not 8.',
    );
    expect(otherOrderSentence(order, labels, undefined)).toContain('“entailment” meant contradiction');
    expect([...wordsInOrder(words, order)]).toEqual([
      ['0', 2],
      ['1', 1],
      ['2', 0],
      ['-', null],
    ]);
  });

  test('by every label', () => {
    expect(goldInOrder(Uint8Array.of(0, 1, 2, 2), order)).toEqual(Uint8Array.of(2, 1, 0, 0));
  });
});
