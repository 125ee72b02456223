import { describe, expect, test } from 'vitest';
import { toLayer } from './layers';
import { argmax, exitAt, exitsOf } from './exits';

describe('exitAt', () => {
  test('reads label and confidence off the calibrated probabilities', () => {
    // e^0 : e^(ln 3) is 1 : 3.
    const exit = exitAt(toLayer(5), [0, Math.log(3)], 1);
    expect(exit).toMatchObject({ layer: 5, logits: [0, Math.log(3)], label: 1 });
    expect(exit.probabilities[0]).toBeCloseTo(0.25, 12);
    expect(exit.confidence).toBeCloseTo(0.75, 12);
  });

  test('divides the logits by the temperature', () => {
    expect(exitAt(toLayer(1), [0, 2 * Math.log(3)], 2).confidence).toBeCloseTo(0.75, 12);
  });

  test('gives a tie to the first class, as NumPy and PyTorch do', () => {
    expect(exitAt(toLayer(1), [2, 2, 2], 1)).toMatchObject({ label: 0 });
    expect(exitAt(toLayer(1), [2, 2, 2], 1).confidence).toBeCloseTo(1 / 3, 12);
  });
});

test('exitsOf counts layers from 1 and takes each exit’s own temperature', () => {
  const logits = [0, Math.log(3)];
  const exits = exitsOf([logits, logits], [1, 1e6]);
  expect(exits.map((exit) => exit.layer)).toEqual([1, 2]);
  expect(exits[0]?.confidence).toBeCloseTo(0.75, 12);
  expect(exits[1]?.confidence).toBeCloseTo(0.5, 5);
});

test.each([
  [[3], 0],
  [[1, 3, 2], 1],
  [[-5, -3, -3], 1],
  [[0, -Infinity], 0],
])('argmax of %j is %i', (values, expected) => {
  expect(argmax(values)).toBe(expected);
});
