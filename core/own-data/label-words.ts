import { at } from '../numbers/at';
import type { Task } from '../model/manifest';

/** Which class a word of a label column means; null for rows that are to be left out. */
export type LabelWords = ReadonlyMap<string, number | null>;

/** A column of more different words than this is no label column. */
export const MOST_LABEL_WORDS = 24;

/** The different words of a column, most frequent first; those beyond the limit are not counted. */
export function wordsOf(values: Iterable<string>): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const word = value.trim();
    if (word === '' || (counts.size > MOST_LABEL_WORDS && !counts.has(word))) continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([, first], [, second]) => second - first).map(([word]) => word);
}

/** What words seem to mean. */
export function recogniseWords(words: readonly string[], task: Pick<Task, 'labels'>): LabelWords {
  return new Map(words.map((word) => [word, labelOf(word, task) ?? null]));
}

/**
 * The class a word names: by its number, its name (in any case, with any of space, hyphen and underscore), or the start of
 * one name alone, of three letters or more (“pos”). Undefined where it names none.
 */
export function labelOf(word: string, { labels }: Pick<Task, 'labels'>): number | undefined {
  const number = /^\d+(\.0*)?$/.test(word) ? Number(word) : undefined;
  if (number !== undefined) return number < labels.length ? number : undefined;
  const name = normalised(word);
  const names = labels.map(normalised);
  if (names.includes(name)) return names.indexOf(name);
  const begun = names.filter((candidate) => name.length >= 3 && candidate.startsWith(name));
  return begun.length === 1 ? names.indexOf(at(begun, 0)) : undefined;
}

/** GLUE writes “not_duplicate” where the page says “not a duplicate”. */
function normalised(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== 'a' && word !== 'an')
    .join(' ');
}
