import { expect, test } from 'vitest';
import { readingOf } from '../model/reading';
import { ReadingRecorder } from './reading-record';

const cut = readingOf([{ tokens: 410, read: 126, unknown: 2 }]);
const strange = readingOf([{ tokens: 4, read: 4, unknown: 2 }]);

test('what was read of rows is kept by their numbers, once, and counted', () => {
  const recorder = new ReadingRecorder(5);
  recorder.add(3, cut);
  recorder.add(1, strange);
  recorder.add(3, strange);
  for (const row of [4, 0, 4]) recorder.addNoSentence(row);
  expect(recorder.counts).toEqual({ cut: 1, muchUnknown: 1, noSentence: 2 });
  expect(recorder.noSentences()).toEqual(Uint32Array.of(0, 4));
  expect(recorder.columns(Uint32Array.of(1, 2, 3))).toEqual({
    tokens: Uint32Array.of(6, 0, 412),
    read: Uint32Array.of(6, 0, 128),
    unknown: Uint32Array.of(2, 0, 2),
  });
});
