import { bisectRight } from 'd3-array';
import { BERT_TABLES } from './bert-tables';

/** What a `BertNormalizer` does besides cleaning the text and setting ideographs apart. */
export interface BertTextOptions {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
}

/** A set of code points, read from where it begins and ends in turn. */
class CodePoints {
  readonly #ends: readonly number[];

  constructor(table: string) {
    let end = 0;
    this.#ends = numbersOf(table, ' ').map((count) => (end += count));
  }

  has(codePoint: number): boolean {
    return bisectRight(this.#ends, codePoint) % 2 === 1;
  }
}

const removed = new CodePoints(BERT_TABLES.removed);
const whitespace = new CodePoints(BERT_TABLES.whitespace);
const chinese = new CodePoints(BERT_TABLES.chinese);
const decomposing = new CodePoints(BERT_TABLES.decomposing);
const nonspacingMarks = new CodePoints(BERT_TABLES.nonspacingMarks);
const punctuation = new CodePoints(BERT_TABLES.punctuation);
const lowercaseLetters = lettersOf(BERT_TABLES.lowercase);

/**
 * What comes before WordPiece in a BERT tokeniser: a text as its words and punctuation marks with spaces between, as
 * `BertNormalizer` and `BertPreTokenizer` of Hugging Face's tokenizers (Rust) give it, whatever the Unicode version of the
 * engine. Marks that stay on a letter keep their order, where Rust sorts them by class: they are of no vocabulary we know.
 */
export function bertText({ lowercase, stripAccents }: BertTextOptions): (text: string) => string {
  const change = (char: string, codePoint: number): string => {
    if (removed.has(codePoint)) return '';
    if (whitespace.has(codePoint)) return ' ';
    const letters = stripAccents ? withoutAccents(char, codePoint) : char;
    const spaced = Array.from(letters, (letter) => apart(lowercase ? lowercaseOf(letter) : letter)).join('');
    return chinese.has(codePoint) ? ` ${spaced} ` : spaced;
  };
  const ascii = Array.from({ length: 128 }, (_, codePoint) => change(String.fromCharCode(codePoint), codePoint));
  const changed = (char: string): string => {
    const codePoint = codePointOf(char);
    return ascii[codePoint] ?? change(char, codePoint);
  };
  return (text) => Array.from(text, changed).join('');
}

/** How an assigned character decomposes is the same in all versions of Unicode, so the engine can be asked. */
function withoutAccents(char: string, codePoint: number): string {
  const letters = decomposing.has(codePoint) ? char.normalize('NFD') : char;
  return Array.from(letters)
    .filter((letter) => !nonspacingMarks.has(codePointOf(letter)))
    .join('');
}

function lowercaseOf(letter: string): string {
  return lowercaseLetters.get(letter) ?? letter;
}

function apart(letter: string): string {
  return punctuation.has(codePointOf(letter)) ? ` ${letter} ` : letter;
}

function lettersOf(table: string): ReadonlyMap<string, string> {
  // The one letter that becomes two.
  const letters = new Map([['\u0130', 'i\u0307']]);
  let codePoint = 0;
  for (const run of table.split(' ')) {
    const [between = 0, count = 0, step = 0, added = 0] = numbersOf(run, ':');
    codePoint += between;
    const last = codePoint + (count - 1) * step;
    for (; codePoint <= last; codePoint += step) {
      letters.set(String.fromCodePoint(codePoint), String.fromCodePoint(codePoint + added));
    }
    codePoint = last + 1;
  }
  return letters;
}

function numbersOf(table: string, separator: string): readonly number[] {
  return table.split(separator).map((number) => Number.parseInt(number, 36));
}

function codePointOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
