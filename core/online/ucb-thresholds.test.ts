import { describe, expect, test } from 'vitest';
import { sampleWith, settingFor } from '../testing/online';
import { ucbThresholds } from './ucb-thresholds';

const setting = settingFor(ucbThresholds, {
  layers: 4,
  plan: { mobileLayers: 2, edgeLayers: 3 },
  parameters: { thresholds: 3, costWeight: 0.01 },
});
const arms = ucbThresholds.arms(setting);
const sample = sampleWith([0.6, 0.7, 0.8, 0.9]);

describe('thresholds', () => {
  test('go from chance to certainty', () => {
    expect(arms.map(({ name }) => name)).toEqual(['threshold 0.500', 'threshold 0.750', 'threshold 1.000']);
    const three = ucbThresholds.arms({ ...setting, classes: 3 });
    expect(three.map(({ name }) => name)).toEqual(['threshold 0.333', 'threshold 0.667', 'threshold 1.000']);
  });

  test('are reached at the first exit that is as sure', () => {
    expect(arms.map((arm) => arm.exitLayer(sample))).toEqual([1, 3, 4]);
    const atOnce = sampleWith([0.6, 0.75, 0.75, 0.75]);
    expect(arms.map((arm) => arm.exitLayer(atOnce))).toEqual([1, 2, 4]);
  });

  test('at 1 send every sample to the last exit, at chance none beyond the first', () => {
    const certain = sampleWith([1, 1, 1, 1]);
    const even = sampleWith([0.5, 0.5, 0.5, 0.5]);
    expect(arms.map((arm) => arm.exitLayer(certain))).toEqual([1, 1, 4]);
    expect(arms.map((arm) => arm.exitLayer(even))).toEqual([1, 4, 4]);
  });

  test('earn the confidence gained beyond the first exit, less its cost', () => {
    // cost(i) of plan 2/3 with the default weights: 1, 2, 2 + 2 + 1 = 5, 5 + 3 + 1 = 9.
    const rewards = arms.map((arm) => arm.reward(sample));
    const expected = [0, 0.8 - 0.6 - 0.01 * 4, 0.9 - 0.6 - 0.01 * 8];
    expect(rewards).toEqual(expected.map((reward) => expect.closeTo(reward, 12)));
  });
});

test('one reward a sample is learnt: that of the threshold chosen', () => {
  const learner = ucbThresholds.start(1, { ...setting, parameters: { ...setting.parameters, exploration: 0 } });
  const tell = (arm: number, reward: number) => {
    learner.learn({ context: sample, arm, reward, confidences: sample.confidences, labels: sample.labels });
    return learner.choose(sample);
  };
  tell(0, 0);
  expect(tell(1, 0.16)).toBe(2);
  expect(tell(2, 0.22)).toBe(2);
  // The mean of 0.22 and 0 is less than 0.16.
  expect(tell(2, 0)).toBe(1);
});
