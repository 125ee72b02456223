import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { stretchesOf } from '../layers';
import { policyById } from '../policies';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeCalibration, fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import { calibrateTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import type { Trace } from '../trace/trace-file';
import { encodeTrace } from '../trace/trace-writer';
import { isTraceFile, openOwnTrace, withoutPools } from './own-trace';

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

describe('pool routing', () => {
  const { manifest: withPools } = fakeModelWithPolicyFiles();
  const distances = Float32Array.of(1, 2, 3, 3, 1, 2, 2, 3, 1);
  const open = (changes: Partial<Trace>) =>
    openOwnTrace('films.dmtr', encodeTrace({ ...trace, modelHash: withPools.hash, ...changes }), withPools);
  const route = (opened: Trace) => {
    const policy = policyById('dimee-pools');
    const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);
    const decision = { policy, parameters: {}, stretches, fitted: { data: fakePolicyData() } };
    return evaluate(calibrateTrace(opened, new Array<number>(12).fill(1)), decision, DEFAULT_COSTS);
  };

  test('is replayed on a run that has its distances', () => {
    const opened = open({ poolDistances: distances, dynamicsDistances: distances });
    expect(opened.warning).toBeUndefined();
    expect([...route(opened.trace).exitLayers]).toEqual([4, 8, 12]);
  });

  test('is refused on a run without them, which says so when it opens', () => {
    const opened = open({});
    expect(opened.warning).toMatch(
      /“films.dmtr” was recorded without distances to the model’s pools.*Run the rows again/,
    );
    expect(() => route(opened.trace)).toThrow('needs distances to its pools, which were not recorded here');
    expect(open({ modelHash: 'a'.repeat(64) }).warning).toMatch(/another version of fake.*without distances/);
  });

  test('is nothing to warn of where the model has no pools', () => {
    expect(withoutPools('films.dmtr', trace, manifest)).toBeUndefined();
  });
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
