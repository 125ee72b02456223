import { describe, expect, it } from 'vitest';
import { textParts } from '../terms/rich-text';
import { TERMS } from '../terms/terms';
import { de } from './de';
import { compare as vergleich } from './de/compare';
import { learn as lernen } from './de/learn';
import { terms as begriffe } from './de/terms';
import { tour as rundgang } from './de/tour';
import { en } from './en';
import { compare } from './en/compare';
import { learn } from './en/learn';
import { terms } from './en/terms';
import { tour } from './en/tour';

const ENGLISH = { ...en, compare, learn, terms, tour };
const GERMAN = { ...de, compare: vergleich, learn: lernen, terms: begriffe, tour: rundgang };

type Leaf = readonly [path: string, value: unknown];

/** Strings, functions and numbers, each with its way. */
function leavesOf(words: unknown, path = ''): Leaf[] {
  if (typeof words !== 'object' || words === null) return [[path, words]];
  return Object.entries(words).flatMap(([key, value]) => leavesOf(value, `${path}/${key}`));
}

/** Counts of 1 and of more are said in two ways. */
const CALLS = [1, 70_007];

/** What a sentence makes of what it is given. */
function said(value: unknown, first: number): string {
  if (typeof value !== 'function') return String(value);
  const given = Array.from({ length: value.length }, (_, index) => first + index);
  const say = (words: readonly unknown[]) =>
    JSON.stringify((value as (...given: unknown[]) => unknown)(...words) ?? null);
  try {
    return say(given);
  } catch {
    // It asks for words.
    return say(given.map(String));
  }
}

const shownOf = (value: unknown, first: number) =>
  Array.from({ length: typeof value === 'function' ? value.length : 0 }, (_, index) => first + index).filter((number) =>
    said(value, first)
      .replaceAll(/[.,](?=\d{3})/g, '')
      .includes(String(number)),
  );

const english = leavesOf(ENGLISH);
const german = new Map(leavesOf(GERMAN));

describe('German', () => {
  it('has every key of English and none besides', () => {
    expect([...german.keys()].sort()).toEqual(english.map(([path]) => path).sort());
  });

  it.each(english.filter(([, value]) => typeof value === 'function'))('shows what %s is given', (path, value) => {
    for (const first of CALLS) expect(shownOf(german.get(path), first)).toEqual(shownOf(value, first));
  });

  it('is empty nowhere', () => {
    expect([...german].filter(([, value]) => value === '').map(([path]) => path)).toEqual([]);
  });
});

describe.each([
  ['English', ENGLISH],
  ['German', GERMAN],
])('%s', (_, words) => {
  const texts = leavesOf(words).map(([path, value]) => [path, said(value, 3)] as const);

  it('names terms that there are', () => {
    const named = texts
      .flatMap(([, text]) => textParts(text))
      .flatMap((part) => (part.kind === 'term' ? [part.id] : []));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((id) => !(id in TERMS))).toEqual([]);
  });

  it('has no notation that is not read', () => {
    const plain = texts.filter(([path]) => !path.includes('/letters/'));
    const left = plain.flatMap(([path, text]) => textParts(text).map((part) => [path, part.text] as const));
    expect(left.filter(([, text]) => /\w\|\w|`/.test(text))).toEqual([]);
  });
});
