import { expect, test } from 'vitest';
import type { OnlineProgress } from '../../../core/lab/online';
import { onlinePolicyById } from '../../../core/online';
import { compare } from '../../words/en/compare';
import { settings } from '../../words/en/settings';
import { pullsInWords, regretInWords, settingsInWords } from './online-words';

const words = compare.online;

const outcome = { reward: 0.5, accuracy: 0.9, costCutPercent: 40 };
const progress: OnlineProgress = {
  ...{ steps: 40, length: 100, arms: ['here', 'there', 'nowhere'], bestArm: 1, pulls: [10.2, 29.8, 0] },
  ...{ chosen: outcome, best: outcome, allCloud: outcome },
  regret: [0, 10, 20, 30, 40].map((step) => ({ step, mean: step / 10, least: step / 20, greatest: step / 5 })),
};

test('the regret is told at the end and half-way there', () => {
  expect(regretInWords(progress, 5, words)).toBe(
    'After 40 of 100 sentences: regret 4.00 against the best fixed choice, there; from 2.00 to 8.00 over 5 runs. After 20: 2.00.',
  );
  expect(regretInWords({ ...progress, steps: 0, regret: [] }, 5, words)).toBe('No sentences yet.');
});

test('choices are told from the most frequent on, and those never made are not', () => {
  expect(pullsInWords(progress, words)).toBe('there: 29.8. here: 10.2.');
});

test('settings are told as their sliders name them', () => {
  const policy = onlinePolicyById('contextual-bandit');
  const parameters = { costWeight: 0.02, exploration: 1 };
  expect(settingsInWords({ policy, parameters, seed: 7, passes: 2 }, words, settings.set)).toBe(
    'Contextual bandit: cost weight 0.02, exploration 1, seed 7, passes 2',
  );
});
