import { describe, expect, test } from 'vitest';
import { parseSentences } from './samples';

describe('parseSentences', () => {
  const textsOf = (text: string, isPair: boolean) => parseSentences(text, isPair).map(({ texts }) => texts);
  const problemsOf = (text: string, isPair: boolean) => parseSentences(text, isPair).map(({ problem }) => problem);

  test('names the line of a sentence that is too long to send, and takes the others', () => {
    const tooLong = 'long '.repeat(2001).trim();
    expect(parseSentences(`short\n${tooLong}\n\nalso short`, false)).toEqual([
      { line: 1, texts: ['short'], problem: undefined },
      { line: 2, texts: [tooLong], problem: 'is too long: a sentence may have 10,000 characters' },
      { line: 4, texts: ['also short'], problem: undefined },
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
      const problem = 'needs two sentences with one tab between them';
      expect(problemsOf(`a\tb\n\n${line}\nc\td`, true)).toEqual([undefined, problem, undefined]);
    },
  );
});
