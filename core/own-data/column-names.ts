/* What columns are called in GLUE's files and in other people's. */

/** The likeliest first. */
export const TEXT_NAMES = [
  ...['sentence', 'text', 'sentence1', 'review', 'reviewtext', 'comment', 'content', 'body', 'utterance', 'phrase'],
  ...['tweet', 'statement', 'input', 'headline', 'title'],
];
export const FIRST_NAMES = [
  ...['sentence1', 'premise', 'question1', '#1string', 'question', 'text1', 'texta', 'sentencea', 'sent1', 's1'],
  ...['query', 'context', 'first'],
];
export const SECOND_NAMES = [
  ...['sentence2', 'hypothesis', 'hypo', 'question2', '#2string', 'sentence', 'text2', 'textb', 'sentenceb', 'sent2'],
  ...['s2', 'second', 'answer'],
];
export const LABEL_NAMES = [
  ...['label', 'goldlabel', 'gold', 'labels', 'class', 'isduplicate', 'isparaphrase', 'quality', 'target', 'y'],
  ...['category', 'sentiment', 'polarity', 'labeltext', 'labelname', 'annotation', 'judgment', 'judgement'],
];
/** Columns that count or name rows. */
const INDEX_NAMES = new Set([
  '',
  'idx',
  'id',
  'index',
  'row',
  'rowidx',
  'unnamed:0',
  'pairid',
  'guid',
  'uid',
  'nr',
  'no.',
]);
/** Columns that say what a model answered: never what is right. */
const ANSWER_NAMES = new Set([
  'prediction',
  'pred',
  'predicted',
  'predictedlabel',
  'predictionatlastexit',
  'exitlayer',
  'tier',
  'cost',
]);
const KNOWN_NAMES = new Set([...TEXT_NAMES, ...FIRST_NAMES, ...SECOND_NAMES, ...LABEL_NAMES]);

/** A column's name as the lists have it: “Gold label”, “gold_label” and “gold-label” are one. */
export function columnKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '');
}

/** Whether a first row is a header, by the names in it. */
export function hasKnownNames(fields: readonly string[]): boolean {
  return fields.some((field) => KNOWN_NAMES.has(columnKey(field)));
}

export function isTextName(name: string): boolean {
  const key = columnKey(name);
  return TEXT_NAMES.includes(key) || FIRST_NAMES.includes(key) || SECOND_NAMES.includes(key);
}

export function isLabelName(name: string): boolean {
  return LABEL_NAMES.includes(columnKey(name));
}

export function isIndexName(name: string): boolean {
  return INDEX_NAMES.has(columnKey(name));
}

export function isAnswerName(name: string): boolean {
  return ANSWER_NAMES.has(columnKey(name));
}

/** Whether fields count the rows: whole numbers, each one more than the last. */
export function areCounted(fields: readonly string[]): boolean {
  const first = Number(fields[0]);
  return (
    fields.length > 1 &&
    Number.isSafeInteger(first) &&
    fields.every((field, row) => /^\s*\d+\s*$/.test(field) && Number(field) === first + row)
  );
}
