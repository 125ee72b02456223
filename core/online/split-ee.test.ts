import { describe, expect, test } from 'vitest';
import { at } from '../numbers/at';
import { costAt, DEFAULT_COSTS } from '../cost';
import { sampleWith, settingFor } from '../testing/online';
import { iSplitEE } from './i-split-ee';
import type { Feedback, Learner, OnlinePolicy, Setting } from './online-policy';
import { splitArms } from './split-arms';
import { splitEE } from './split-ee';
import { splitEES } from './split-ee-s';

/** Three layers and the papers' reward, s = 0; with the default costs and w = 0.1, λ = 0.1 and o = 0.5. */
const settingOf = (policy: OnlinePolicy, parameters: Record<string, number> = {}): Setting =>
  settingFor(policy, { layers: 3, parameters: { threshold: 0.8, costWeight: 0.1, cloudShare: 0, ...parameters } });
const sample = sampleWith([0.6, 0.9, 0.95]);
const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 12));

describe('the reward of a split', () => {
  const rewards = (policy: OnlinePolicy, parameters = {}) =>
    policy.arms(settingOf(policy, parameters)).map((arm) => arm.reward(sample));

  test('is C_i − λi where the sample is sure, C_L − o − λi where it is not, C_L − λL after the last layer', () => {
    expect(rewards(splitEE)).toEqual(close(0.95 - 0.5 - 0.1, 0.9 - 0.2, 0.95 - 0.3));
    expect(rewards(splitEES)).toEqual(rewards(splitEE));
  });

  test('takes a confidence equal to α as sure, and α = 1 as never reached', () => {
    expect(rewards(splitEE, { threshold: 0.6 })[0]).toBeCloseTo(0.6 - 0.1, 12);
    const certain = sampleWith([1, 1, 1]);
    const arms = splitEE.arms(settingOf(splitEE, { threshold: 1 }));
    expect(arms.map((arm) => arm.exitLayer(certain))).toEqual([3, 3, 3]);
  });

  test('pays e for each ramp passed in I-SplitEE: 0.02 a layer where a ramp costs a fifth of one', () => {
    expect(rewards(iSplitEE, { rampCost: 0.2 })).toEqual(close(0.35 - 0.02, 0.7 - 0.04, 0.65 - 0.06));
  });

  test('pays for the cloud’s layers by the cloud’s share', () => {
    expect(rewards(splitEE, { cloudShare: 1 })).toEqual(close(0.35 - 0.2, 0.7, 0.65));
    expect(rewards(splitEE, { cloudShare: 0.5 })).toEqual(close(0.35 - 0.1, 0.7, 0.65));
    // In full, unless said otherwise: what is learnt is what the cost cut counts.
    const [first] = splitArms(settingFor(splitEE, { layers: 3 }));
    expect(first?.reward(sample)).toBeCloseTo(0.35 - 0.2, 12);
  });

  test('follows the cost weights', () => {
    const costs = { ...DEFAULT_COSTS, mobileLayer: 2, mobileToCloud: 3, edgeLayer: 100, edgeToCloud: 100 };
    const arms = splitEE.arms({ ...settingOf(splitEE), costs });
    expect(arms.map((arm) => arm.reward(sample))).toEqual(close(0.95 - 0.3 - 0.2, 0.9 - 0.4, 0.95 - 0.6));
  });
});

test('a split leaves at its layer or at the last one, and costs layers here, the crossing and layers on the cloud', () => {
  const arms = splitArms(settingOf(splitEE));
  const exitLayers = arms.map((arm) => arm.exitLayer(sample));
  expect(exitLayers).toEqual([3, 2, 3]);
  const costs = arms.map((arm, index) => costAt(at(exitLayers, index), arm.stretches, DEFAULT_COSTS));
  expect(costs).toEqual([1 + 5 + 2, 2, 3]);
});

/** What the learner is told of a sample under an arm of the policy. */
function feedback(policy: OnlinePolicy, setting: Setting, arm: number, confidences: readonly number[]): Feedback {
  const context = sampleWith(confidences);
  const chosen = policy.arms(setting)[arm];
  if (!chosen) throw new RangeError(`no arm ${arm}`);
  const exit = chosen.exitLayer(context);
  const seen = { confidences: context.confidences.subarray(0, exit), labels: context.labels.subarray(0, exit) };
  return { context, arm, reward: chosen.reward(context), ...seen };
}

/** The arm it chooses after each of these samples, told under the arms that are named. */
function choices(policy: OnlinePolicy, setting: Setting, told: readonly (readonly [number, readonly number[]])[]) {
  const learner: Learner = policy.start(1, setting);
  return told.map(([arm, confidences]) => {
    learner.learn(feedback(policy, setting, arm, confidences));
    return learner.choose(sampleWith(confidences));
  });
}

describe('what is learnt of a sample', () => {
  test('in SplitEE: the reward of the arm chosen', () => {
    const setting = settingOf(splitEE, { exploration: 0 });
    const told = choices(splitEE, setting, [
      [0, [0.9, 0.9, 0.9]],
      [1, [0.6, 0.9, 0.95]],
      [2, [0.6, 0.9, 0.95]],
      [0, [0.6, 0.9, 0.95]],
      [1, [0.6, 0.7, 0.95]],
    ]);
    // Arms not yet seen come first. Then means 0.8, 0.7, 0.65; then (0.8 + 0.35)/2 = 0.575, 0.7, 0.65; then 0.7 falls to
    // (0.7 + 0.25)/2 = 0.475.
    expect(told.slice(0, 2).map((arm, index) => arm > index)).toEqual([true, true]);
    expect(told.slice(2)).toEqual([0, 1, 2]);
  });

  test.each([splitEES, iSplitEE])('in $name: the rewards of all earlier arms too', (policy) => {
    const setting = settingOf(policy, { exploration: 0, rampCost: 0 });
    const told = choices(policy, setting, [
      [1, [0.6, 0.9, 0.95]],
      [2, [0.6, 0.7, 0.95]],
      [2, [0.85, 0.85, 0.85]],
      [2, [0.99, 0.99, 0.5]],
    ]);
    // Rewards 0.3 (C_2 stands for C_3) and 0.7, nothing of arm 2; then 0.35, 0.25, 0.65; 0.75, 0.65, 0.55; 0.89, 0.79, 0.2.
    // Means after these: 0.325, 0.475, 0.65; 0.467, 0.533, 0.6; 0.573, 0.598, 0.467.
    expect(told).toEqual([2, 2, 2, 1]);
  });

  test('in SplitEE-S: no later exit than the sample reached', () => {
    const [first] = splitArms(settingOf(splitEES));
    expect(first?.rewardFrom(Float64Array.of(0.6, 0.9))).toBeCloseTo(0.9 - 0.5 - 0.1, 12);
    expect(first?.rewardFrom(Float64Array.of(0.6, 0.9, 0.95))).toBeCloseTo(0.95 - 0.5 - 0.1, 12);
  });
});
