import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { parseSentences } from './samples';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (hasCode(error, 'BAD_INPUT')) return error.message;
  }
  throw new Error('This should have thrown BAD_INPUT.');
}

describe('parseSentences', () => {
  test('names the line of a sentence that is too long to send', () => {
    expect(messageOf(() => parseSentences(`short\n${'long '.repeat(2001)}`, false))).toBe(
      'Line 2 is too long: a sentence may have 10,000 characters.',
    );
  });

  test('takes one line a sample and passes over empty ones', () => {
    expect(parseSentences('good film\n\n  \r\nbad film\r\n', false)).toEqual([['good film'], ['bad film']]);
  });

  test('splits a pair at its tab', () => {
    expect(parseSentences('A man sleeps.\t Someone rests. ', true)).toEqual([['A man sleeps.', 'Someone rests.']]);
  });

  test('a tab within a single sentence is a space', () => {
    expect(parseSentences('good\tfilm', false)).toEqual([['good film']]);
  });

  test('nothing is no sample', () => {
    expect(parseSentences(' \n\n', false)).toEqual([]);
  });

  test.each(['only one', 'one\ttwo\tthree', 'one\t', '\ttwo', 'one\t \tthree'])(
    'names the line of a pair without exactly two sentences (%j)',
    (line) => {
      const message = messageOf(() => parseSentences(`a\tb\n\n${line}\n`, true));
      expect(message).toBe('Line 3 needs two sentences with one tab between them.');
    },
  );
});
