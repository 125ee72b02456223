import { expect, test } from 'vitest';
import { Adam } from './adam';

test('the first step is the learning rate long, whatever the gradient’s size, and gradients begin at 0 again', () => {
  const parameters = Float64Array.of(1, 1, 1);
  const gradients = Float64Array.of(1000, -0.001, 0);
  new Adam(parameters, 0.1).step(gradients);
  expect([...parameters]).toEqual([0.9, 1.1, 1].map((value) => expect.closeTo(value, 5)));
  expect([...gradients]).toEqual([0, 0, 0]);
});

test('two steps by hand, for gradients 1 and 0', () => {
  const parameters = Float64Array.of(0);
  const adam = new Adam(parameters, 1);
  adam.step(Float64Array.of(1));
  expect(parameters[0]).toBeCloseTo(-1, 6);
  adam.step(Float64Array.of(0));
  // m = 0.09 / (1 − 0.81), v = 0.000999 / (1 − 0.998001).
  expect(parameters[0]).toBeCloseTo(-1 - 0.09 / 0.19 / Math.sqrt(0.000999 / 0.001999), 6);
});

test('finds the bottom of a long valley', () => {
  const parameters = Float64Array.of(3, -2);
  const adam = new Adam(parameters, 0.05);
  for (let step = 0; step < 2000; step++) {
    const [x = 0, y = 0] = parameters;
    adam.step(Float64Array.of(2 * (x - 1), 200 * (y - 1)));
  }
  expect([...parameters]).toEqual([1, 1].map((value) => expect.closeTo(value, 3)));
});
