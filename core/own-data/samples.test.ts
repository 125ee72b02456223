import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { taskOf } from '../model/manifest';
import { parseLabelledTsv, parseSentences } from './samples';
import { fakeManifest } from '../testing/fake-manifest';

const [single, pair] = [taskOf(fakeManifest(), 'sst2'), taskOf(fakeManifest(), 'mnli')];

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (hasCode(error, 'BAD_INPUT')) return error.message;
  }
  throw new Error('This should have thrown BAD_INPUT.');
}

describe('parseSentences', () => {
  const textsOf = (text: string, isPair: boolean) => parseSentences(text, isPair).map(({ texts }) => texts);
  const problemsOf = (text: string, isPair: boolean) => parseSentences(text, isPair).map(({ problem }) => problem);

  test('names the line of a sentence that is too long to send, and takes the others', () => {
    const tooLong = 'long '.repeat(2001).trim();
    expect(parseSentences(`short\n${tooLong}\n\nalso short`, false)).toEqual([
      { texts: ['short'], problem: undefined },
      { texts: [tooLong], problem: 'Line 2 is too long: a sentence may have 10,000 characters.' },
      { texts: ['also short'], problem: undefined },
    ]);
  });

  test('takes one line a sample and passes over empty ones', () => {
    expect(textsOf('good film\n\n  \r\nbad film\r\n', false)).toEqual([['good film'], ['bad film']]);
  });

  test('splits a pair at its tab', () => {
    expect(textsOf('A man sleeps.\t Someone rests. ', true)).toEqual([['A man sleeps.', 'Someone rests.']]);
  });

  test('a tab within a single sentence is a space', () => {
    expect(textsOf('good\tfilm', false)).toEqual([['good film']]);
  });

  test('nothing is no sample', () => {
    expect(textsOf(' \n\n', false)).toEqual([]);
  });

  test.each(['only one', 'one\ttwo\tthree', 'one\t', '\ttwo', 'one\t \tthree', 'one\ttwo\t\tfour'])(
    'names the line of a pair without exactly two sentences (%j)',
    (line) => {
      const problem = 'Line 3 needs two sentences with one tab between them.';
      expect(problemsOf(`a\tb\n\n${line}\nc\td`, true)).toEqual([undefined, problem, undefined]);
    },
  );
});

describe('parseLabelledTsv', () => {
  test('reads sentence and label below the header line', () => {
    expect(parseLabelledTsv('sentence\tlabel\r\ngood film\t1\r\n\r\nbad film\t0\r\n', single)).toEqual([
      { texts: ['good film'], gold: 1 },
      { texts: ['bad film'], gold: 0 },
    ]);
  });

  test('reads the two sentences of a pair', () => {
    expect(parseLabelledTsv('sentence1\tsentence2\tlabel\na\tb\t2', pair)).toEqual([{ texts: ['a', 'b'], gold: 2 }]);
  });

  test('leaves quotation marks as they are', () => {
    expect(parseLabelledTsv('sentence\tlabel\n"so "good"\t1', single)[0]?.texts).toEqual(['"so "good"']);
  });

  test.each(['2', '-1', '0.5', 'positive', '', 'NaN'])('names the line of the label “%s” and its range', (label) => {
    const message = messageOf(() => parseLabelledTsv(`sentence\tlabel\ngood\t1\nfilm\t${label}`, single));
    expect(message).toBe(`Line 3 must end with a label from 0 to 1 (negative, positive), not “${label}”.`);
  });

  test('names the line of a pair that lacks a sentence', () => {
    const message = messageOf(() => parseLabelledTsv('sentence1\tsentence2\tlabel\n\nonly one\t0', pair));
    expect(message).toBe('Line 3 needs two sentences with one tab between them.');
  });

  test.each(['1', '\t1', '  \t1'])('names the line that has a label and no sentence (%j)', (line) => {
    expect(messageOf(() => parseLabelledTsv(`sentence\tlabel\n${line}`, single))).toContain('Line 2 has no sentence');
  });

  test.each(['', 'sentence\tlabel', 'sentence\tlabel\n\n'])('refuses a file without rows (%j)', (file) => {
    expect(messageOf(() => parseLabelledTsv(file, single))).toContain('no rows');
  });
});
