import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { actorLoss, criticLoss, softmaxRows } from './losses';
import { Mlp } from './mlp';

/** Central differences of a loss by every number of an array, which is changed and changed back. */
function differences(numbers: Float64Array, loss: () => number): number[] {
  const step = 1e-5;
  return Array.from(numbers, (value, index) => {
    numbers[index] = value + step;
    const above = loss();
    numbers[index] = value - step;
    const below = loss();
    numbers[index] = value;
    return (above - below) / (2 * step);
  });
}

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 8));

const random = seededRandom(71);
const draws = (length: number, size = 1) => Float64Array.from({ length }, () => size * (2 * random() - 1));
const [batch, dimensions, actions] = [5, 3, 4];

function softmaxOf(logits: Float64Array, temperature = 1, columns = actions) {
  const softmax = {
    probabilities: new Float64Array(logits.length),
    logProbabilities: new Float64Array(logits.length),
  };
  softmaxRows(logits, columns, temperature, softmax);
  return softmax;
}

describe('the gradients', () => {
  test('of a network are those of a loss by each of its parameters, to 8 digits', () => {
    const network = new Mlp([dimensions, 6, 5, actions], batch, 1);
    network.parameters.set(draws(network.parameters.length));
    const [inputs, slopes] = [draws(batch * dimensions), draws(batch * actions)];
    /** A weighted sum of all outputs, so that its gradient by them is the weights. */
    const loss = () =>
      network.forward(inputs, batch).reduce((sum, value, index) => sum + value * (slopes[index] ?? 0), 0);
    loss();
    network.backward(slopes, batch);
    expect([...network.gradients]).toEqual(close(differences(network.parameters, loss)));
  });

  test('of a network add up, from one call to the next', () => {
    const network = new Mlp([dimensions, 6, actions], batch, 2);
    const [inputs, slopes] = [draws(batch * dimensions), draws(batch * actions)];
    network.forward(inputs, batch);
    network.backward(slopes, batch);
    const once = [...network.gradients];
    network.backward(slopes, batch);
    expect([...network.gradients]).toEqual(close(once.map((gradient) => 2 * gradient)));
  });

  test('of the critic’s loss are those by the values', () => {
    const [values, targets] = [draws(batch * actions), draws(batch)];
    const taken = Uint8Array.of(0, 3, 1, 1, 2);
    const gradients = new Float64Array(values.length).fill(7);
    criticLoss(values, taken, targets, gradients);
    const unused = new Float64Array(values.length);
    expect([...gradients]).toEqual(close(differences(values, () => criticLoss(values, taken, targets, unused))));
    expect(gradients.filter((gradient) => gradient !== 0)).toHaveLength(batch);
  });

  test.each([0.1, 0.5, 3])('of the actor’s loss are those by the logits, at temperature %s', (temperature) => {
    const [logits, wanted] = [draws(batch * actions, 3), softmaxOf(draws(batch * actions), temperature)];
    const gradients = new Float64Array(logits.length);
    actorLoss(softmaxOf(logits), wanted, batch, gradients);
    const unused = new Float64Array(logits.length);
    const loss = () => actorLoss(softmaxOf(logits), wanted, batch, unused).loss;
    expect([...gradients]).toEqual(close(differences(logits, loss)));
  });

  test('of an actor and of a critic, end to end, are those of their losses by each parameter', () => {
    const network = new Mlp([dimensions, 6, actions], batch, 3);
    network.parameters.set(draws(network.parameters.length));
    const inputs = draws(batch * dimensions);
    const [gradients, wanted] = [new Float64Array(batch * actions), softmaxOf(draws(batch * actions), 0.3)];
    const actor = () => actorLoss(softmaxOf(network.forward(inputs, batch)), wanted, batch, gradients).loss;
    const [taken, targets] = [Uint8Array.of(2, 0, 3, 3, 1), draws(batch)];
    const critic = () => criticLoss(network.forward(inputs, batch), taken, targets, gradients);
    for (const loss of [actor, critic]) {
      network.gradients.fill(0);
      loss();
      network.backward(gradients, batch);
      expect([...network.gradients]).toEqual(close(differences(network.parameters, loss)));
    }
  });
});

describe('the losses', () => {
  test('are by hand: ½ (0.5 − 1)² for the critic', () => {
    expect(criticLoss(Float64Array.of(0.5, 9), Uint8Array.of(0), Float64Array.of(1), new Float64Array(2))).toBe(0.125);
  });

  test('are by hand: ρ = 1/4, 3/4 for values 0, ½ ln 3 at temperature ½, and π = 1/2, 1/2', () => {
    const wanted = softmaxOf(Float64Array.of(0, Math.log(3) / 2), 0.5, 2);
    expect([...wanted.probabilities]).toEqual(close([0.25, 0.75]));
    const gradients = new Float64Array(2);
    const { loss, entropy } = actorLoss(softmaxOf(Float64Array.of(7, 7), 1, 2), wanted, 1, gradients);
    // ¼ ln ½ + ¾ ln 3/2 = 0.1308.
    // H(ρ) = ¼ ln 4 + ¾ ln 4/3 = 0.5623.
    expect([loss, entropy]).toEqual([expect.closeTo(0.1308, 4), expect.closeTo(0.5623, 4)]);
    expect([...gradients]).toEqual(close([0.25, -0.25]));
  });

  test('stand logits of any size', () => {
    const { probabilities, logProbabilities } = softmaxOf(Float64Array.of(1000, -1000), 1, 2);
    expect([...probabilities]).toEqual([1, 0]);
    expect([...logProbabilities]).toEqual([0, -2000]);
  });
});

test('a network gives each row what it gives it alone, and another with another seed', () => {
  const network = new Mlp([dimensions, 6, actions], batch, 4);
  const inputs = draws(batch * dimensions);
  const together = network.forward(inputs, batch).slice();
  for (let row = 0; row < batch; row++) {
    const alone = network.forward(inputs.subarray(row * dimensions, (row + 1) * dimensions), 1);
    expect([...alone]).toEqual([...together.subarray(row * actions, (row + 1) * actions)]);
  }
  const outputsOf = (seed: number) => [...new Mlp([dimensions, 6, actions], batch, seed).forward(inputs, batch)];
  expect(outputsOf(4)).toEqual([...together]);
  expect(outputsOf(5)).not.toEqual([...together]);
});
