import { describe, expect, test } from 'vitest';
import { classesNamed } from './class-names';
import { recogniseWords, wordsOf } from './label-words';

const SENTIMENT = ['negative', 'positive'];
const ACCEPTABILITY = ['unacceptable', 'acceptable'];
const PARAPHRASE = ['not a paraphrase', 'paraphrase'];
const DUPLICATES = ['not a duplicate', 'duplicate'];
const TWO_WAY = ['entailment', 'not entailment'];
const THREE_WAY = ['entailment', 'neutral', 'contradiction'];
const TOPICS = ['sport', 'weather', 'money'];

describe('classes are named', () => {
  test.each<[string, readonly string[], readonly number[]]>([
    ['Positive', SENTIMENT, [1]],
    ['pos', SENTIMENT, [1]],
    ['po', SENTIMENT, []],
    ['positiv', SENTIMENT, [1]],
    ['Négatif', SENTIMENT, [0]],
    ['__label__neg', SENTIMENT, [0]],
    ['not positive', SENTIMENT, [0]],
    ['very positive', SENTIMENT, []],
    ['neutral', SENTIMENT, []],
    ['true', SENTIMENT, [0, 1]],
    ['no', SENTIMENT, [0, 1]],
    ['unacceptable', ACCEPTABILITY, [0]],
    ['un-acceptable', ACCEPTABILITY, [0]],
    ['not_acceptable', ACCEPTABILITY, [0]],
    ['not unacceptable', ACCEPTABILITY, [1]],
    ['accepted', ACCEPTABILITY, [1]],
    ['ungrammatical', ACCEPTABILITY, [0]],
    ['Yes', ACCEPTABILITY, [1]],
    ['not_equivalent', PARAPHRASE, [0]],
    ['notEquivalent', PARAPHRASE, [0]],
    ['equivalent', PARAPHRASE, [1]],
    ['non-paraphrase', PARAPHRASE, [0]],
    ['paraphrases', PARAPHRASE, [1]],
    ['TRUE', PARAPHRASE, [1]],
    ['not duplicate', DUPLICATES, [0]],
    ['non_duplicate', DUPLICATES, [0]],
    ['nonduplicate', DUPLICATES, [0]],
    ['dup', DUPLICATES, [1]],
    ['False', DUPLICATES, [0]],
    ['not_entailment', TWO_WAY, [1]],
    ['non-entailment', TWO_WAY, [1]],
    ['NonEntailment', TWO_WAY, [1]],
    ['entailed', TWO_WAY, [0]],
    ['not entailed', TWO_WAY, [1]],
    ['yes', TWO_WAY, [0]],
    ['false', TWO_WAY, [1]],
    ['contradiction', TWO_WAY, []],
    ['entails', THREE_WAY, [0]],
    ['contradictory', THREE_WAY, [2]],
    ['contradicts', THREE_WAY, [2]],
    ['contrary', THREE_WAY, []],
    ['neu', THREE_WAY, [1]],
    ['not_entailment', THREE_WAY, [1, 2]],
    ['true', THREE_WAY, [0, 1, 2]],
    ['Sports', TOPICS, [0]],
    ['weather', TOPICS, [1]],
    ['mon', TOPICS, [2]],
    ['travel', TOPICS, []],
    ['inter', ['interior', 'internal'], [0, 1]],
  ])('by “%s” among %j', (word, labels, classes) => {
    expect(classesNamed(word, labels)).toEqual(classes);
  });
});

const recognise = (labels: readonly string[], ...words: readonly (string | readonly [string, number])[]) =>
  recogniseWords(
    words.map((word) => (typeof word === 'string' ? { word, rows: 10 } : { word: word[0], rows: word[1] })),
    { labels: [...labels] },
  );

describe('all words of a column together are recognised', () => {
  test.each<[readonly string[], readonly string[], readonly (number | null)[]]>([
    [SENTIMENT, ['0', '1'], [0, 1]],
    [SENTIMENT, ['1', '2'], [0, 1]],
    [SENTIMENT, ['1.0', '0.0'], [1, 0]],
    [SENTIMENT, ['0'], [0]],
    [SENTIMENT, ['LABEL_0', 'LABEL_1'], [0, 1]],
    [SENTIMENT, ['label_1', 'label_2'], [0, 1]],
    [SENTIMENT, ['class 0', 'class-1'], [0, 1]],
    [SENTIMENT, ['__label__1', '__label__2'], [0, 1]],
    [SENTIMENT, ['p', 'N'], [1, 0]],
    [SENTIMENT, ['pos', 'neg', 'NaN'], [1, 0, null]],
    [SENTIMENT, ['-1'], [null]],
    [SENTIMENT, ['−1'], [null]],
    [THREE_WAY, ['1', '2', '3'], [0, 1, 2]],
    [THREE_WAY, ['2', '3'], [1, 2]],
    [THREE_WAY, ['0', '1'], [0, 1]],
    [THREE_WAY, ['0', '1', '2', '-1'], [0, 1, 2, null]],
    [THREE_WAY, ['e', 'n', 'c'], [0, 1, 2]],
    [THREE_WAY, ['neutral', 'entailment', '-', 'contradiction'], [1, 0, null, 2]],
    [TOPICS, ['2', '1', '3'], [1, 0, 2]],
  ])('%j: %j', (labels, words, classes) => {
    const { meanings, doubts, unlabelled } = recognise(labels, ...words);
    expect(words.map((word) => meanings.get(word))).toEqual(classes);
    expect([...doubts]).toEqual([]);
    expect([...unlabelled]).toEqual(words.filter((_, index) => classes[index] === null));
  });

  test.each<[string, readonly string[], readonly (string | readonly [string, number])[], readonly string[], RegExp]>([
    ['1 alone', SENTIMENT, ['1'], ['1'], /from 0 or from 1/],
    ['2 alone', SENTIMENT, ['2'], ['2'], /from 0 or from 1/],
    ['1 and 2 of three', THREE_WAY, ['1', '2'], ['1', '2'], /from 0 or from 1/],
    ['0 and 4', SENTIMENT, ['0', '4'], ['0', '4'], /no number of a class/],
    ['0, 1 and 2 of two', SENTIMENT, ['0', '1', '2'], ['0', '1', '2'], /in another way/],
    ['stars', SENTIMENT, ['1', '2', '3', '4', '5'], ['1', '2', '3', '4', '5'], /no number of a class/],
    ['−1 and 1', SENTIMENT, ['-1', '1'], ['-1', '1'], /scale/],
    ['a scale of three', SENTIMENT, ['-1', '0', '1'], ['-1', '0', '1'], /scale/],
    ['plus and minus', SENTIMENT, ['+', '-'], ['+', '-'], /names no class/],
    ['a word of no class', SENTIMENT, ['pos', 'neg', 'mixed'], ['mixed'], /names no class .*negative, positive/],
    [
      'a word of two classes',
      THREE_WAY,
      ['entailment', 'not_entailment'],
      ['not_entailment'],
      /neutral or contradiction/,
    ],
    ['yes and no', SENTIMENT, ['yes', 'no'], ['yes', 'no'], /may mean negative or positive/],
    ['halves', SENTIMENT, ['0.5', '1'], ['0.5', '1'], /./],
  ])('%s is a question', (_, labels, words, open, why) => {
    const { doubts } = recognise(labels, ...words);
    expect([...doubts.keys()]).toEqual(open);
    for (const doubt of doubts.values()) expect(doubt).toMatch(why);
  });

  test('a few of −1 beside both classes are rows without a label', () => {
    const { meanings, doubts } = recognise(SENTIMENT, ['0', 40], ['1', 50], ['-1', 10]);
    expect([...meanings]).toEqual([
      ['0', 0],
      ['1', 1],
      ['-1', null],
    ]);
    expect(doubts.size).toBe(0);
  });

  test('words are listed most frequent first, with their rows', () => {
    expect(wordsOf(['b', ' a', '', 'a', 'a ', 'b', 'c'])).toEqual([
      { word: 'a', rows: 3 },
      { word: 'b', rows: 2 },
      { word: 'c', rows: 1 },
    ]);
  });
});
