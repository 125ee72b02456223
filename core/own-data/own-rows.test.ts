import { describe, expect, test } from 'vitest';
import type { Task } from '../model/manifest';
import { type Columns, recogniseColumns } from './columns';
import { recogniseDialect, type Dialect } from './dialect';
import { fitRows } from './own-rows';
import { parseTable } from './table';

const task = (pair: boolean, labels: string[]): Task => ({
  ...{
    name: 'Task',
    question: '',
    metric: 'accuracy',
    examples: [],
    pair,
    labels,
    logits: [0, labels.length],
    temperatures: [],
    traces: {},
  },
});
const sentiment = task(false, ['negative', 'positive']);
const acceptability = task(false, ['unacceptable', 'acceptable']);
const duplicates = task(true, ['not a duplicate', 'duplicate']);
const entailment = task(true, ['entailment', 'neutral', 'contradiction']);

const tableOf = (text: string, of: Task, dialect: Dialect = recogniseDialect(text, of).dialect) =>
  parseTable(text, dialect, () => Promise.resolve());
const columnsOf = async (text: string, of: Task) => recogniseColumns(await tableOf(text, of), of);

describe('columns are recognised', () => {
  test.each<[string, string, Task, Columns]>([
    ['SST-2', 'sentence\tlabel\ngood\t1\nbad\t0', sentiment, { hasHeader: true, texts: [0], label: 1 }],
    ['label first', 'label,text\npos,fine film\nneg,no film', sentiment, { hasHeader: true, texts: [1], label: 0 }],
    [
      'labels of which some are of no class',
      'text,verdict\na film,pos\nno film,neg\nsome film,pos\nthat film,neg\nold film,mixed',
      sentiment,
      { hasHeader: true, texts: [0], label: 1 },
    ],
    ['no labels', 'id,review\n1,good film\n2,bad film', sentiment, { hasHeader: true, texts: [1], label: undefined }],
    [
      'CoLA, without header',
      'gj04\t1\t\tShe sings well.\ncj99\t0\t*\tSings she well.',
      acceptability,
      { hasHeader: false, texts: [3], label: 1 },
    ],
    ['sentences alone', 'Good film.\nBad film.', sentiment, { hasHeader: false, texts: [0], label: undefined }],
    [
      'a header in other words',
      'Satz\tWertung\ngut gemacht\tpositive\nschlecht\tnegative',
      sentiment,
      { hasHeader: true, texts: [0], label: 1 },
    ],
    [
      'QQP',
      'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWhy?\tHow?\t0\n4\t5\t6\tWho?\tWho?\t1',
      duplicates,
      { hasHeader: true, texts: [3, 4], label: 5 },
    ],
    [
      'MRPC',
      'Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tOne thing.\tA thing.\n0\t9\t10\tOne.\tTwo.',
      duplicates,
      { hasHeader: true, texts: [3, 4], label: 0 },
    ],
    [
      'QNLI',
      'index\tquestion\tsentence\tlabel\n0\tWho?\tIt rains.\t1\n1\tWhen?\tAt six.\t0',
      task(true, ['entailment', 'not entailment']),
      { hasHeader: true, texts: [1, 2], label: 3 },
    ],
    [
      'premise and hypothesis',
      'hypothesis,premise,gold\nb,a,neutral\nd,c,entailment',
      entailment,
      { hasHeader: true, texts: [1, 0], label: 2 },
    ],
    [
      'pairs without header',
      'A man sleeps.\tSomebody rests.\t0\nA dog runs.\tA cat runs.\t2',
      entailment,
      { hasHeader: false, texts: [0, 1], label: 2 },
    ],
    [
      'one column for a pair task',
      'sentence\nOne.\nTwo.',
      entailment,
      { hasHeader: true, texts: [undefined, 0], label: undefined },
    ],
  ])('%s', async (_, text, of, columns) => {
    expect(await columnsOf(text, of)).toEqual(columns);
  });
});

describe('rows that fit', () => {
  test('are taken with line, texts and label; the others are named with the reason', async () => {
    const long = 'x'.repeat(10_001);
    const lines = [
      'label,text',
      'pos, good\tfilm ',
      '',
      'neg,',
      'meh,so so',
      ',no label',
      'pos,one,two',
      `neg,${long}`,
      'neg',
      'so,left out',
    ];
    const text = [...lines, 'neg,bad', '"pos" x,broken'].join('\n');
    const table = await tableOf(text, sentiment, { delimiter: ',', quoted: true });
    const columns = { hasHeader: true, texts: [1], label: 0 };
    const words = new Map<string, number | null>([
      ['pos', 1],
      ['neg', 0],
      ['so', null],
    ]);
    const { rows, misfits } = fitRows(table, columns, words, sentiment);
    expect(rows).toEqual({
      texts: [['good film'], ['bad']],
      lines: Uint32Array.of(2, 11),
      gold: Uint8Array.of(1, 0),
      words,
    });
    expect(misfits).toEqual([
      { line: 4, reason: 'its text is missing' },
      { line: 5, reason: 'its label “meh” is not given a class' },
      { line: 6, reason: 'its label is missing' },
      { line: 7, reason: 'has 3 fields where other rows have 2' },
      { line: 8, reason: 'has a text of more than 10,000 characters' },
      { line: 9, reason: 'its text is missing' },
      { line: 10, reason: 'its label “so” counts as none' },
      { line: 12, reason: 'a quotation mark is not closed, or stands where none may stand' },
    ]);
  });

  test('have no labels where no column is chosen', async () => {
    const table = await tableOf('A man sleeps.\tSomebody rests.\nA dog runs.\t', entailment);
    const columns = { hasHeader: false, texts: [1, 0], label: undefined };
    const { rows, misfits } = fitRows(table, columns, new Map(), entailment);
    expect(rows).toEqual({ texts: [['Somebody rests.', 'A man sleeps.']], lines: Uint32Array.of(1), gold: undefined });
    expect(misfits).toEqual([{ line: 2, reason: 'one of its two texts is missing' }]);
  });
});
