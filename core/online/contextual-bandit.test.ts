import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from '../cost';
import { CALM_NETWORK, sampleWith, settingFor } from '../testing/online';
import { contextualBandit, featuresOf } from './contextual-bandit';

const setting = settingFor(contextualBandit, { parameters: { costWeight: 0.01 } });
const arms = contextualBandit.arms(setting);

describe('the tiers', () => {
  const sample = sampleWith(new Array<number>(12).fill(0.9), {
    labels: Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0),
  });

  test('answer at the last of their layers', () => {
    expect(arms.map(({ name }) => name)).toEqual(['mobile', 'edge', 'cloud']);
    expect(arms.map((arm) => arm.exitLayer(sample))).toEqual([4, 8, 12]);
  });

  test('cost layer 1 here, one crossing, and their own layers', () => {
    const costs = arms.map((arm) => costAt(arm.exitLayer(sample), arm.stretches, DEFAULT_COSTS));
    expect(costs).toEqual([4, 1 + 2 + 7, 1 + 5 + 11]);
  });

  test('earn 1 for a right answer, less the weighted cost', () => {
    const rewards = arms.map((arm) => arm.reward(sample));
    expect(rewards).toEqual([1 - 0.04, 0 - 0.1, 1 - 0.17].map((reward) => expect.closeTo(reward, 12)));
  });

  test('may be one and the same: a plan with one layer leaves nothing to cross for', () => {
    const narrow = contextualBandit.arms({ ...setting, plan: { mobileLayers: 1, edgeLayers: 1 } });
    const costs = narrow.map((arm) => costAt(arm.exitLayer(sample), arm.stretches, DEFAULT_COSTS));
    expect(costs).toEqual([1, 1, 17]);
  });
});

describe('the features', () => {
  test('are a constant, the length, the confidence and the distances, each of a size about 1', () => {
    const context = {
      network: CALM_NETWORK,
      tokens: 512,
      firstConfidence: 0.75,
      deviceConfidence: 0.8,
      poolDistances: Float32Array.of(1.875, 2, 2.125),
    };
    expect([...featuresOf(context, 2)]).toEqual([1, 1, 0.5, -0.625, 0, 0.625]);
    expect([...featuresOf({ ...context, tokens: 1, firstConfidence: 0.5 }, 2)].slice(0, 3)).toEqual([1, 0, 0]);
    expect(featuresOf({ ...context, firstConfidence: 1 / 3 }, 3)[2]).toBeCloseTo(0, 12);
    expect(featuresOf({ ...context, firstConfidence: 1 }, 3)[2]).toBeCloseTo(1, 12);
  });

  test('have zeros where no distances were recorded', () => {
    expect([...featuresOf({ ...sampleWith([1]), tokens: 512 }, 2)]).toEqual([1, 1, 1, 0, 0, 0]);
  });
});

test('the learner comes to send the unsure to the cloud and to keep the sure, and not the other way round', () => {
  const learner = contextualBandit.start(3, setting);
  const sure = sampleWith(new Array<number>(12).fill(0.99));
  const unsure = sampleWith([0.55, ...new Array<number>(11).fill(0.9)], {
    labels: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0),
  });
  for (let step = 0; step < 400; step++) {
    const sample = step % 2 ? sure : unsure;
    const arm = learner.choose(sample);
    const reward = arms[arm]?.reward(sample) ?? 0;
    learner.learn({ context: sample, arm, reward, confidences: sample.confidences, labels: sample.labels });
  }
  expect([learner.choose(sure), learner.choose(unsure)]).toEqual([0, 2]);
});
