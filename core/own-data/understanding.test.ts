import { describe, expect, test } from 'vitest';
import { taskOf, type Task } from '../model/manifest';
import { fakeManifest } from '../testing/fake-manifest';
import { readTable, type Written } from './layout';
import { NOTHING_SAID, type Said, understand } from './understanding';

/* Files as people have them, and what is understood of each. All say the same of the same sentences. */

const manifest = fakeManifest();
const [sentiment, entailment] = [taskOf(manifest, 'sst2'), taskOf(manifest, 'mnli')];
const breathe = () => Promise.resolve();

async function opened(text: string, task: Task, said: Partial<Said> = {}, written: Written = {}) {
  const table = await readTable(text, task, written, breathe);
  const understood = understand(table, task, { ...NOTHING_SAID, ...said });
  return { ...understood, ...table, rows: understood.fitted?.rows };
}

const TEXTS = ['Bread, salt and a good song', 'A grey hour', 'Warm, slow, "wise"', 'Nothing; less than nothing'];
const GOLD = [1, 0, 1, 0];
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
const lines = (...rows: readonly string[]) => `${rows.join('\n')}\n`;
/** A row for each sentence, by its text, its label and its number. */
const each = (row: (text: string, label: 0 | 1, index: number) => string) =>
  TEXTS.map((text, index) => row(text, GOLD[index] === 1 ? 1 : 0, index));
const json = (row: object) => JSON.stringify(row);

describe('the same sentences and labels are understood from', () => {
  test.each<[string, string]>([
    ['tabs below a header', lines('sentence\tlabel', ...each((text, label) => `${text}\t${label}`))],
    ['tabs without a header', lines(...each((text, label) => `${text}\t${label}`))],
    ['quoted commas', lines('text,label', ...each((text, label) => `${quote(text)},${label}`))],
    ['semicolons', lines('label;text', ...each((text, label) => `${label};${quote(text)}`))],
    ['bars and words', lines('review|sentiment', ...each((text, label) => `${quote(text)}|${label ? 'Pos' : 'NEG'}`))],
    ['returns alone', each((text, label) => `${text}\t${label}`).join('\r')],
    [
      'a column that counts, first',
      lines('idx\tsentence\tlabel', ...each((text, label, at) => `${at}\t${text}\t${label}`)),
    ],
    [
      'a column that counts, last',
      lines('sentence\tlabel\tidx', ...each((text, label, at) => `${text}\t${label}\t${at}`)),
    ],
    [
      'a nameless column that counts, as pandas writes it',
      lines(',text,label', ...each((text, label, at) => `${at},${quote(text)},${label}`)),
    ],
    [
      'a counted column that the header lacks, as R writes it',
      lines('text\tlabel', ...each((text, label, at) => `${at + 1}\t${text}\t${label}`)),
    ],
    ['a column that counts and no header', lines(...each((text, label, at) => `${at}\t${text}\t${label}`))],
    [
      'numbers and their words',
      lines(
        'text,label,label_text',
        ...each((text, label) => `${quote(text)},${1 - label},${label ? 'positive' : 'negative'}`),
      ),
    ],
    ['numbers from 1', lines('label,text', ...each((text, label) => `${label + 1},${quote(text)}`))],
    ['numbers with a point', lines('text\tlabel', ...each((text, label) => `${text}\t${label}.0`))],
    ['LABEL_n', lines('text\tlabel', ...each((text, label) => `${text}\tLABEL_${label}`))],
    ['unquoted commas, label first', lines('label,text', ...each((text, label) => `${label},${text}`))],
    ['unquoted commas, label last', lines('text,label', ...each((text, label) => `${text},${label}`))],
    ['unquoted commas and no header', lines(...each((text, label) => `${label ? 'positive' : 'negative'},${text}`))],
    ['unquoted commas, counted', lines('idx,text,label', ...each((text, label, at) => `${at},${text},${label}`))],
    [
      'unquoted commas, counted and labelled first',
      lines('id,label,text', ...each((text, label, at) => `${at},${label},${text}`)),
    ],
    ['a label, a blank and the text', lines(...each((text, label) => `${label} ${text}`))],
    ['the text, a blank and the label', lines(...each((text, label) => `${text} ${label ? 'pos' : 'neg'}`))],
    ['a hint for Excel', lines('sep=;', 'text;label', ...each((text, label) => `${quote(text)};${label}`))],
    ['marks within marks', lines('label,text', ...each((text, label) => `${label},"${text}"`))],
    ['lines of JSON', lines(...each((text, label, idx) => json({ idx, text, label })))],
    [
      'lines of JSON with words, some keys missing',
      lines(
        ...each((text, label) => json({ sentence: text, ...(label && { note: 'x' }), label: label ? 'pos' : 'neg' })),
      ),
    ],
    [
      'an array of JSON',
      JSON.stringify(
        TEXTS.map((text, at) => ({ text, label: GOLD[at] })),
        null,
        2,
      ),
    ],
    ['an array of arrays', JSON.stringify(TEXTS.map((text, at) => [text, GOLD[at]]))],
    ['an object with one array', json({ version: 1, data: TEXTS.map((text, at) => ({ text, label: GOLD[at] })) })],
    ['an array further in', json({ set: { name: 'dev', rows: TEXTS.map((text, at) => ({ text, label: GOLD[at] })) } })],
    [
      'rows in envelopes, with names of classes',
      json({
        features: [{ name: 'label', type: { names: ['positive', 'negative'], _type: 'ClassLabel' } }],
        rows: TEXTS.map((sentence, at) => ({ row_idx: at, row: { sentence, label: 1 - (GOLD[at] ?? 0) } })),
      }),
    ],
    ['columns by name', json({ text: TEXTS, label: GOLD })],
    ['columns by row', json({ text: { ...TEXTS }, label: { ...GOLD } })],
    [
      'a split table',
      json({ columns: ['text', 'label'], index: [0, 1, 2, 3], data: TEXTS.map((text, at) => [text, GOLD[at]]) }),
    ],
    [
      'fields in objects',
      lines(...each((text, label) => json({ text, annotation: { label: [label ? 'pos' : 'neg'] } }))),
    ],
    ['fastText', lines(...each((text, label) => `__label__${label ? 'positive' : 'negative'} ${text}`))],
    ['fastText with numbers from 1', lines(...each((text, label) => `__label__${label + 1} ${text}`))],
    ['fastText with labels behind', lines(...each((text, label) => `${text} __label__${label ? 'pos' : 'neg'}`))],
  ])('%s', async (_, text) => {
    const { rows, questions, warnings, fitted } = await opened(text, sentiment);
    expect(questions).toEqual([]);
    expect(rows?.texts).toEqual(TEXTS.map((sentence) => [sentence]));
    expect([...(rows?.gold ?? [])]).toEqual(GOLD);
    expect([fitted?.misfits, warnings]).toEqual([[], []]);
  });
});

describe('pairs are understood from', () => {
  const PAIRS = [
    ['A boat, blue, lies here.', 'There is a boat.'],
    ['A boat, blue, lies here.', 'It is Sunday, late.'],
    ['A boat, blue, lies here.', 'No boat is here.'],
  ] as const;
  const WORDS = ['entails', 'neutral', 'contradictory'];
  test.each<[string, string]>([
    [
      'names of premise and hypothesis',
      lines('label,hypo,premise', ...PAIRS.map(([one, two], at) => `${at},${quote(two)},${quote(one)}`)),
    ],
    ['inflected words', lines('premise\thypo\tlabel', ...PAIRS.map((pair, at) => [...pair, WORDS[at]].join('\t')))],
    [
      'lines of JSON',
      lines(
        ...PAIRS.map(([premise, hypothesis], at) =>
          json({ premise, hypothesis, gold_label: WORDS[at], pairID: `${at}e` }),
        ),
      ),
    ],
    ['fastText and a tab', lines(...PAIRS.map((pair, at) => `__label__${WORDS[at]} ${pair.join('\t')}`))],
  ])('%s', async (_, text) => {
    const { rows, questions } = await opened(text, entailment);
    expect(questions).toEqual([]);
    expect(rows?.texts).toEqual(PAIRS);
    expect([...(rows?.gold ?? [])]).toEqual([0, 1, 2]);
  });
});

describe('sentences alone stay whole', () => {
  test.each([
    ['with commas here and there', lines('Well, it rained.', 'It did not.', 'Rain, hail, and snow.')],
    ['with one comma each', lines('Well, it rained.', 'Yes, it did.', 'Now, we go.', 'So, we went.')],
    ['that are numbered', lines('1 It rained.', '2 We stayed.', '3 It cleared.', '4 We went.')],
    ['of which some begin with a number', lines('1 is odd.', 'It rained.', '2 is even.', '0 is none.', '1 is one.')],
    ['that begin like JSON', lines('["Go"] she said.', 'He went.')],
    ['with semicolons', lines('It rained; we stayed.', 'It cleared; we went.')],
  ])('%s', async (_, text) => {
    const { rows, questions } = await opened(text, sentiment);
    expect(questions).toEqual([]);
    expect(rows?.texts).toEqual(
      text
        .trim()
        .split('\n')
        .map((line) => [line]),
    );
    expect(rows?.gold).toBeUndefined();
  });
});

describe('a question stands where', () => {
  const question = async (text: string, task: Task) =>
    (await opened(text, task)).questions.map(({ text: asked }) => asked).join(' ');

  test.each<[string, string, Task, RegExp]>([
    [
      'only some lines have a label behind a comma',
      lines('Warm, wise, positive', 'Grey, long, negative', 'Nice, positive', 'Nothing here'),
      sentiment,
      /comma divides columns or belongs to the texts/,
    ],
    [
      'words before the comma may be labels',
      lines('up,Bread, salt', 'down,Grey, long', 'up,Warm', 'down,A, b, c', 'up,So, so'),
      sentiment,
      /comma divides columns/,
    ],
    [
      'a header names columns and pairs have commas of their own',
      lines('premise,hypothesis,label', 'A, b, c.,D.,0', 'E.,F, g.,1', 'H, i.,J.,2'),
      entailment,
      /comma divides columns/,
    ],
    [
      '1 stands alone',
      lines('text\tlabel', 'Fine\t1', 'Good\t1'),
      sentiment,
      /“1” \(2 rows\) may be numbered from 0 or from 1/,
    ],
    [
      'a class is lost',
      lines('text\tlabel', 'Fine\tpositive', 'Dull\tbad', 'So\tpositive', 'Low\tbad'),
      sentiment,
      /“bad” \(2 rows\) names no class/,
    ],
    [
      'one word is of no class',
      lines('text\tlabel', 'Fine\tpos', 'Dull\tneg', 'So\tmixed'),
      sentiment,
      /“mixed” \(1 row\)/,
    ],
    ['stars are labels', lines('text\tlabel', 'Fine\t5', 'Dull\t1', 'So\t3'), sentiment, /“5” .*; “1” /],
    [
      'yes may be either',
      lines('text\tlabel', 'Fine\tyes', 'Dull\tno'),
      sentiment,
      /“yes” .* may mean negative or positive/,
    ],
    [
      'two of three numbers are there',
      lines('premise\thypothesis\tlabel', 'a\tb\t1', 'c\td\t2'),
      entailment,
      /from 0 or from 1/,
    ],
    [
      'a word denies one of three',
      lines('premise\thypothesis\tlabel', 'a\tb\tentailment', 'c\td\tnot_entailment'),
      entailment,
      /neutral or contradiction/,
    ],
    ['two texts are needed', lines('sentence', 'One.', 'Two.'), entailment, /needs two columns of texts/],
    [
      'results were saved without texts',
      lines('row\tprediction\texit_layer\ttier\tcost', '1\tpositive\t2\tmobile\t0.2'),
      sentiment,
      /needs a column of texts/,
    ],
  ])('%s', async (_, text, task, asked) => {
    expect(await question(text, task)).toMatch(asked);
  });

  test('a label of no class stands before unquoted commas below a header: about the label alone', async () => {
    const text = lines('idx,label,text', '7,pos,Warm, wise', '9,mixed,So, so, so', '4,-,Hm, what', '5,neg,Grey');
    const { questions, rows } = await opened(text, sentiment);
    expect(questions.map(({ about }) => about)).toEqual(['labels']);
    expect(rows?.texts).toEqual([['Warm, wise'], ['Grey']]);
  });

  test('is gone when it is answered', async () => {
    const text = lines('text\tlabel', 'Fine\tpositive', 'Dull\tbad', 'So\tmixed');
    const words = new Map([
      ['bad', 0],
      ['mixed', null],
    ] as const);
    const { questions, rows, warnings, fitted } = await opened(text, sentiment, { words });
    expect([questions, [...(rows?.gold ?? [])]]).toEqual([[], [1, 0]]);
    expect(warnings).toEqual(['1 row without a label (“mixed”) left out.']);
    expect(fitted?.misfits).toEqual([{ line: 4, reason: 'its label “mixed” counts as none' }]);
  });

  test('one number is given another class than it seems to have: the others are open again', async () => {
    const text = lines('text\tlabel', 'Fine\t1', 'Dull\t2');
    const one = await opened(text, sentiment, { words: new Map([['1', 1]]) });
    expect(one.questions.map(({ text: asked }) => asked).join()).toContain('“2” (1 row) is open');
    const both = await opened(text, sentiment, {
      words: new Map([
        ['1', 1],
        ['2', 0],
      ]),
    });
    expect([both.questions, [...(both.rows?.gold ?? [])]]).toEqual([[], [1, 0]]);
  });

  test('a delimiter that is named divides lines, or leaves them whole', async () => {
    const text = lines('Warm, wise, positive', 'Grey, long, negative', 'Nice, positive', 'Nothing here');
    const whole = await opened(text, sentiment, {}, { delimiter: '\t' });
    expect([whole.questions, whole.rows?.texts[0]]).toEqual([[], ['Warm, wise, positive']]);
    const divided = await opened(text, sentiment, {}, { delimiter: ',' });
    expect(divided.questions.map(({ about }) => about)).not.toContain('delimiter');
  });
});

describe('it is said', () => {
  test('that a test split has no labels, and its rows are run', async () => {
    const rows = each((text, _, at) => `${quote(text)},-1,${at}`);
    const { rows: taken, warnings, questions } = await opened(lines('sentence,label,idx', ...rows), sentiment);
    expect([taken?.texts.length, taken?.gold, questions]).toEqual([4, undefined, []]);
    expect(warnings).toEqual([
      'Every label is “-1”, which stands for none, as in a test split: rows are run without labels, and nothing is said of accuracy.',
    ]);
  });

  test('how many rows have no label among others', async () => {
    const text = lines(
      'premise\thypothesis\tgold_label',
      'a\tb\tneutral',
      'c\td\t-',
      'e\tf\tentailment',
      'g\th\tcontradiction',
      'i\tj\t-',
    );
    const { rows, warnings, fitted } = await opened(text, entailment);
    expect([...(rows?.gold ?? [])]).toEqual([1, 0, 2]);
    expect(warnings).toEqual(['2 rows without a label (“-”) left out.']);
    expect(fitted?.misfits.map(({ line }) => line)).toEqual([3, 6]);
  });

  test('which class no row has', async () => {
    const { warnings } = await opened(lines('text\tlabel', 'Fine\tpositive', 'Good\tpos'), sentiment);
    expect(warnings).toEqual(['No row is labelled “negative”.']);
  });

  test('what columns and labels were taken for', async () => {
    const text = lines('id,review,stars,label', '7,"Fine, really",5,pos', '9,Dull,1,neg');
    expect((await opened(text, sentiment)).understood).toEqual([
      'Columns: sentence is “review”, the label is “label”. Not used: “id”, “stars”.',
      'Labels: pos → positive (1 row), neg → negative (1 row).',
    ]);
  });

  test('which line of JSON cannot be read, and where entries are counted', async () => {
    const { fitted } = await opened(lines('{"text": "Fine"}', '{"text": "Du', '"Dull"', '{"text": 1}'), sentiment);
    expect(fitted?.misfits.map(({ line }) => line)).toEqual([2, 3]);
    const { countedBy } = (await opened('[{"text": "Fine"}, {"text": "Dull"}]', sentiment)).table;
    expect(countedBy).toBe('entry');
  });
});

describe('refused is', () => {
  test.each([
    ['damaged JSON', '[{"text": "Fine"}, {"text": ', 'begins like JSON and cannot be read'],
    ['JSON without rows', '{"a": {"b": 1}, "c": []}', 'without a list of rows'],
    [
      'JSON with several lists',
      json({ train: [{ text: 'a' }, { text: 'b' }], test: [{ text: 'c' }] }),
      'several lists of rows: “train”, “test”',
    ],
  ])('%s', async (_, text, problem) => {
    await expect(opened(text, sentiment)).rejects.toThrow(problem);
  });
});

test('marks that mean themselves beyond the first rows are no quotation', async () => {
  const plain = Array.from({ length: 300 }, (_, row) => `"Row ${row}"\t${row % 2}`);
  const { rows, dialect } = await opened(lines('sentence\tlabel', ...plain, '"So "it" is\t1', 'Last\t0'), sentiment);
  expect(dialect?.quoted).toBe(false);
  expect(rows?.texts.at(-2)).toEqual(['"So "it" is']);
});

test('a long field in quotation that the sample cuts is no broken one', async () => {
  const long = Array.from({ length: 9 }, (_, row) => `"${`A line of row ${row}.\n`.repeat(2500)}"\t${row % 2}`);
  const { table, dialect } = await opened(lines('sentence\tlabel', ...long), sentiment);
  expect([dialect?.quoted, table.rows.length]).toEqual([true, 10]);
});

test('quotation that begins beyond the first rows is quotation', async () => {
  const plain = Array.from({ length: 4000 }, (_, row) => `${'word '.repeat(15)}${row}\t${row % 2}`);
  const { rows } = await opened(lines('sentence\tlabel', ...plain, '"With ""marks"""\t1', 'Last\t0'), sentiment);
  expect(rows?.texts.at(-2)).toEqual(['With "marks"']);
});
