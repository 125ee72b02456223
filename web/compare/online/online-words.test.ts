import { expect, test } from 'vitest';
import type { OnlineProgress } from '../../../core/lab/online';
import { onlinePolicyById } from '../../../core/online';
import { compare } from '../../words/en/compare';
import { settings } from '../../words/en/settings';
import { changeInWords, pullsInWords, regretInWords, settingsInWords } from './online-words';

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
  const stream = { seed: 7, passes: 2, delay: 0, isChanging: false };
  expect(settingsInWords({ policy, parameters, ...stream }, words, settings.set)).toBe(
    'Contextual bandit: cost weight 0.02, exploration 1, seed 7, passes 2',
  );
  expect(settingsInWords({ policy, parameters, ...stream, delay: 5, isChanging: true }, words, settings.set)).toBe(
    'Contextual bandit: cost weight 0.02, exploration 1, seed 7, passes 2, delay 5, mistyped from half-way on',
  );
});

test('a change is told before it comes, and then with the regret of each half', () => {
  const change = { step: 20, bestArms: [1, 2], regret: undefined };
  const said = (english: string) => english;
  expect(changeInWords(progress, change, words, said)).toBe('From sentence 21 on the same rows come mistyped.');
  expect(changeInWords(progress, { ...change, regret: 1.5 }, words, said)).toBe(
    'Since sentence 21 the same rows come mistyped. Regret before: 1.50 against there; since then: 2.50 against nowhere, the best fixed choice from there on.',
  );
});
