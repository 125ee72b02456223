import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeCalibration } from '../testing/fake-policy-files';
import { encodeTrace, type Trace } from '../trace/trace-file';
import { isTraceFile, openOwnTrace } from './own-trace';

const manifest = fakeManifest();
const trace: Trace = { ...fakeCalibration(3), modelHash: manifest.hash };
const openWith = (changes: Partial<Trace>) =>
  openOwnTrace('films.dmtr', encodeTrace({ ...trace, ...changes }), manifest);

test('a recorded run of this model opens without a word', () => {
  expect(openWith({})).toEqual({ trace, warning: undefined });
  expect(openWith({ modelHash: undefined }).warning).toBeUndefined();
});

test.each([
  ['another version', { modelHash: 'a'.repeat(64) }, 'recorded with another version of fake (aaaaaaaa)'],
  ['another model', { model: 'other', modelHash: undefined }, 'recorded with another model, other'],
])('%s opens with a warning', (_, changes, warning) => {
  expect(openWith(changes).warning).toContain(warning);
});

describe('refused, with the reason', () => {
  test.each<[string, Partial<Trace>, string, 'BAD_INPUT' | 'BAD_TRACE']>([
    [
      'another task',
      { task: 'poetry' },
      'is of the task “poetry”; this model knows Sentiment, Entailment.',
      'BAD_INPUT',
    ],
    [
      'a task of other classes',
      { task: 'mnli' },
      'has 12 layers and 2 classes where this model has 12 layers and 3',
      'BAD_INPUT',
    ],
    [
      'labels beyond its classes',
      { gold: Uint8Array.of(0, 1, 2) },
      'is damaged: it has labels that its task',
      'BAD_TRACE',
    ],
    [
      'logits that are none',
      { logits: new Float32Array(72).fill(Number.NaN) },
      'logits that are no numbers',
      'BAD_TRACE',
    ],
  ])('%s', (_, changes, problem, code) => {
    expect(() => openWith(changes)).toThrow(problem);
    expect(() => openWith(changes)).toThrow(expect.toSatisfy((error) => hasCode(error, code)));
  });
});

test('a run’s file is known by its name, or by how it begins', () => {
  expect(isTraceFile('a.dmtr', new Uint8Array(2))).toBe(true);
  expect(isTraceFile('a', encodeTrace(trace))).toBe(true);
  expect(isTraceFile('a.csv', new TextEncoder().encode('a,b'))).toBe(false);
});
