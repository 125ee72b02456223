import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { DEFAULT_MODEL } from '../../core/model/default-model';
import { PHRASES } from './de/phrases';
import { phraseBook } from './phrases';

const said = phraseBook(
  [
    ['The {0} tier did not answer in {#1} ms.', '{0} antwortete in {1} ms nicht.'],
    ['edge', 'Der Edge'],
    ['Nothing came: {0}', 'Nichts kam: {0}'],
    ['Try (again).', 'Noch einmal.'],
  ],
  (number) => number.replace('.', ','),
);

it('says a sentence with what is put in, in its own order, and what is put in, too', () => {
  expect(said('The edge tier did not answer in 1.5 ms.')).toBe('Der Edge antwortete in 1,5 ms nicht.');
  expect(said('Nothing came: The edge tier did not answer in 20 ms.')).toBe(
    'Nichts kam: Der Edge antwortete in 20 ms nicht.',
  );
});

it('says sentences in a row where it knows them all, and leaves them where it does not', () => {
  expect(said('The edge tier did not answer in 2 ms. Try (again).')).toBe(
    'Der Edge antwortete in 2 ms nicht. Noch einmal.',
  );
  expect(said('Try (again). Or buy a modem.')).toBe('Try (again). Or buy a modem.');
  expect(said('The edge tier did not answer in some ms.')).toBe('The edge tier did not answer in some ms.');
});

/** Of the texts in the sources that one sentence is put together of, such as “both texts are” and “cut”. */
const MOST_PARTS = 3;

/** All texts in the sources below some folders, with `{}` for what is put into them. */
function textsIn(folders: readonly string[]): string {
  const files = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => /\.(ts|svelte)$/.test(file) && !/test\.ts$|web\/words/.test(file));
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      texts.push([node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('{}'));
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return [...texts, readFileSync(`public/models/${DEFAULT_MODEL}/manifest.json`, 'utf8')].join('\n');
}

/** How many texts of the sources a sentence is put together of; infinitely many where a word of it is in none. */
function partsOf(sentence: string, texts: string): number {
  const words = sentence.split(' ');
  if (words.join('') === '') return 0;
  const known = words.findLastIndex((_, last) => texts.includes(words.slice(0, last + 1).join(' '))) + 1;
  return known === 0 ? Number.POSITIVE_INFINITY : 1 + partsOf(words.slice(known).join(' '), texts);
}

it('knows in German no sentence that nobody says any more', () => {
  const texts = textsIn(['core', 'worker', 'web']);
  const gone = PHRASES.flatMap(([english]) =>
    english
      .split(/\{#?\d\}|[“”()]|(?<=[.:;,]) /)
      .map((piece) => piece.trim().replace(/[.;:,]$/, ''))
      .filter((piece) => /\w{3}/.test(piece) && partsOf(piece, texts) > MOST_PARTS)
      .map((piece) => [english, piece]),
  );
  expect(gone).toEqual([]);
});

it('puts into German all that English puts in', () => {
  const places = (text: string) => [...text.matchAll(/\{#?(\d)\}/g)].map(([, name]) => name).sort();
  for (const [english, german] of PHRASES) {
    const missing = places(english).filter((name) => !places(german).includes(name));
    // A delimiter is named once.
    expect([english, missing]).toEqual([english, english.startsWith('Many lines') ? ['1'] : []]);
  }
});
