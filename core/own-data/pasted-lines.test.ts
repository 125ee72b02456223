import { describe, expect, test } from 'vitest';
import { taskOf } from '../model/manifest';
import { fakeManifest } from '../testing/fake-manifest';
import { carriesLabels } from './pasted-lines';

const [sentiment, entailment] = [taskOf(fakeManifest(), 'sst2'), taskOf(fakeManifest(), 'mnli')];

describe('lines that carry labels', () => {
  test.each([
    ['behind a tab', 'Bread and song\t1\nA grey hour\t0'],
    ['behind a tab, one line alone', 'Bread and song\tpositive'],
    ['behind commas', 'Bread, salt, and song, pos\nGrey, neg\nWarm, pos'],
    ['before commas', '1,Bread, salt\n0,Grey\n1,Warm, wise'],
    ['as fastText has them', '__label__pos Bread\n__label__neg Grey'],
    ['below a header', 'sentence\tlabel\nBread\t-1\nGrey\t-1'],
    ['in JSON', '{"text": "Bread", "label": 1}\n{"text": "Grey", "label": 0}'],
    ['in some lines', 'Warm, wise, positive\nGrey, long, negative\nNice, positive\nNothing here'],
  ])('%s', (_, text) => {
    expect(carriesLabels(text, sentiment)).toBe(true);
  });

  test('beside pairs', () => {
    expect(carriesLabels('It rains.\tIt is wet.\tentailment\nIt rains.\tIt is dry.\tcontradiction', entailment)).toBe(
      true,
    );
  });
});

describe('lines that carry none', () => {
  test.each([
    'Bread, salt, and song',
    'Well, no',
    'Well, it rained.\nYes, it did.\nNo, not now.',
    'good\tfilm',
    'In 1999, we met.\nIn 2001, we parted.',
    '[Applause] Thank you.',
    '  \n',
  ])('%j', (text) => {
    expect(carriesLabels(text, sentiment)).toBe(false);
  });

  test.each(['It rains.\tIt is wet.', 'It rains.\tIt is wet.\nThe sun, shines.\tIt is dry, and warm.', 'one alone'])(
    '%j',
    (text) => {
      expect(carriesLabels(text, entailment)).toBe(false);
    },
  );
});
