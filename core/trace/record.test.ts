import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { hasCode } from '../errors';
import type { LayerStep } from '../ladder/tier';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { randomItem, randomLogits, seededRandom } from '../testing/random';
import { EVERY_EXIT, TraceRecorder } from './record';
import { decodeTrace } from './trace-file';
import { encodeTrace } from './trace-writer';

const about = { task: 'sst2', split: 'own', model: 'fake', modelHash: 'f'.repeat(64) };

function stepsOf(logits: readonly (readonly number[])[], saturation?: number): LayerStep[] {
  return logits.map((of, index) => ({
    layer: toLayer(index + 1),
    tier: 'mobile',
    logits: of,
    saturation,
    computeMs: 1,
  }));
}

const recorderOf = (layers: number, classes: number) => new TraceRecorder({ rows: 20_000, layers, classes });

describe('a recording', () => {
  test('becomes a trace of its rows in their order, whatever order they came in', () => {
    const recorder = recorderOf(2, 2);
    recorder.add(3, {
      steps: stepsOf(
        [
          [3, 1],
          [1, 4],
        ],
        0.5,
      ),
      tokens: 9,
    });
    recorder.add(1, {
      steps: stepsOf(
        [
          [2, 0],
          [0, 1],
        ],
        0.25,
      ),
      tokens: 5,
    });
    expect(recorder.count).toBe(2);
    expect(recorder.rows()).toEqual(Uint32Array.of(1, 3));
    expect(recorder.trace(about, Uint8Array.of(9, 0, 9, 1, 9))).toEqual({
      ...{ ...about, rows: 2, layers: 2, classes: 2, isLabelled: true },
      logits: Float32Array.of(2, 0, 0, 1, 3, 1, 1, 4),
      gold: Uint8Array.of(0, 1),
      tokens: Uint16Array.of(5, 9),
      saturation: Float32Array.of(0.25, 0.25, 0.5, 0.5),
    });
  });

  test('without labels has the last exit’s in their place, and says so', () => {
    const recorder = recorderOf(2, 3);
    recorder.add(0, {
      steps: stepsOf([
        [9, 0, 0],
        [0, 0, 1],
      ]),
      tokens: 4,
    });
    recorder.add(1, {
      steps: stepsOf([
        [0, 9, 0],
        [0, 1, 0],
      ]),
      tokens: 4,
    });
    const trace = recorder.trace(about, undefined);
    expect(trace).toMatchObject({ isLabelled: false, gold: Uint8Array.of(2, 1) });
    expect(trace).not.toHaveProperty('saturation');
  });

  test('has the distances to pools where they were measured of every row', () => {
    const recorder = recorderOf(1, 2);
    const row = { steps: stepsOf([[1, 0]]), tokens: 3 };
    recorder.add(0, { ...row, distances: { dimee: [1, 2, 3], dimecDc: [4, 5, 6] } });
    expect(recorder.trace(about, undefined)).toMatchObject({
      poolDistances: Float32Array.of(1, 2, 3),
      dynamicsDistances: Float32Array.of(4, 5, 6),
    });
    recorder.add(1, { ...row, distances: { dimee: [7, 8, 9] } });
    const trace = recorder.trace(about, undefined);
    expect(trace.poolDistances).toEqual(Float32Array.of(1, 2, 3, 7, 8, 9));
    expect(trace).not.toHaveProperty('dynamicsDistances');
  });

  test('is the same after it was saved and loaded, labelled or not, to the last bit', () => {
    const random = seededRandom(8);
    const recorder = recorderOf(12, 3);
    for (let row = 0; row < 700; row++) {
      const logits = Array.from({ length: 12 }, () => [random() * 9 - 4, random() / 3, -random()]);
      recorder.add(row, { steps: stepsOf(logits, random()), tokens: 3 + row });
    }
    const gold = Uint8Array.from({ length: 700 }, () => randomItem(random, [0, 1, 2]));
    for (const labels of [gold, undefined]) {
      const trace = recorder.trace(about, labels);
      expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
    }
  });

  test('keeps a row as it first came', () => {
    const recorder = recorderOf(1, 2);
    recorder.add(0, { steps: stepsOf([[1, 2]]), tokens: 3 });
    recorder.add(0, { steps: stepsOf([[5, 6]]), tokens: 4 });
    expect(recorder.count).toBe(1);
    expect([...recorder.trace(about, undefined).logits]).toEqual([1, 2]);
  });

  test('takes 20,000 rows', () => {
    const random = seededRandom(1);
    const recorder = recorderOf(12, 2);
    const steps = stepsOf(Array.from({ length: 12 }, () => randomLogits(random, 2)));
    for (let row = 19_999; row >= 0; row--) recorder.add(row, { steps, tokens: 7 });
    expect(recorder.trace(about, undefined)).toMatchObject({ rows: 20_000, layers: 12 });
  });

  test.each([
    ['a missing layer', stepsOf([[1, 2]])],
    [
      'other classes',
      stepsOf([
        [1, 2],
        [1, 2, 3],
      ]),
    ],
    [
      'layers out of order',
      stepsOf([
        [1, 2],
        [3, 4],
      ]).reverse(),
    ],
  ])('refuses %s', (_, steps) => {
    const add = () => recorderOf(2, 2).add(0, { steps, tokens: 1 });
    expect(add).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });

  test('of no rows is no trace', () => {
    expect(() => recorderOf(2, 2).trace(about, undefined)).toThrow('No row has been run');
  });
});

test('EVERY_EXIT takes a sample to its last layer and measures what each layer does to its state', async () => {
  const ladder = fakeLadder({ name: 'mobile', covers: ['mobile', 'edge', 'cloud'] });
  const { steps, tokens } = await ladder.infer(fakeRequest({ policy: EVERY_EXIT }), new AbortController().signal);
  const recorder = recorderOf(12, 2);
  recorder.add(0, { steps, tokens });
  const { saturation } = recorder.trace(about, undefined);
  expect(saturation).toHaveLength(12);
  expect(saturation?.every((cosine) => cosine >= -1 && cosine <= 1)).toBe(true);
});
