import { expect, it } from 'vitest';
import { compare as german } from '../words/de/compare';
import { compare as english } from '../words/en/compare';
import { aimInWords, compareWords, rowsInWords } from './compare-words';
import type { LabSource } from './Lab.svelte';

it('tells an aim with its number', () => {
  expect(aimInWords({ kind: 'allowedLoss', points: 1.5 }, english)).toContain('lose at most 1.5 points');
  expect(aimInWords({ kind: 'equalCost', costCutPercent: 70 }, english)).toContain('save at least 70 %');
});

it('calls rows by their file, or by their task in the language that is read', () => {
  const dev = { name: 'RTE', isOwn: false } as LabSource;
  expect([english, german].map((words) => rowsInWords(dev, words))).toEqual(['RTE dev split', 'Dev-Daten von RTE']);
  expect(rowsInWords({ name: 'mine.csv', isOwn: true } as LabSource, german)).toBe('mine.csv');
});

it('asks for its words before they are used', () => {
  expect(() => compareWords({ later: () => undefined })).toThrow(/fetch the part “compare” first/);
});
