/** A sentence in English and in another language: `{0}` and on stand for what is put in, `{#0}` for a number. */
export type Phrase = readonly [english: string, other: string];

const PLACE = /\{(#?)(\d)\}/;
const NUMBER = String.raw`\d[\d,]*(?:\.\d+)?`;

/**
 * Says in another language what comes from below the page, where everything is English: messages of errors, notices, words
 * about a file. What is put into a sentence is said, too, where there is a phrase for it; several sentences in a row are said
 * one by one. What no phrase fits stays as it is.
 */
export function phraseBook(phrases: readonly Phrase[], writeNumber: (english: string) => string) {
  const patterns = phrases
    .toSorted(([one], [other]) => literal(other) - literal(one))
    .map(([english, other]) => ({ ...patternOf(english), other }));

  function whole(english: string): string | undefined {
    for (const { pattern, places, other } of patterns) {
      const found = pattern.exec(english);
      if (!found) continue;
      const values = new Map(
        places.map(({ name, isNumber }, index) => {
          const value = found[index + 1] ?? '';
          return [name, isNumber ? writeNumber(value) : said(value)];
        }),
      );
      return other.replaceAll(new RegExp(PLACE, 'g'), (_, __, name: string) => values.get(name) ?? '');
    }
    return undefined;
  }

  function said(english: string): string {
    const known = whole(english);
    if (known !== undefined) return known;
    const sentences = english.split(/(?<=[.:;]) (?=\S)/);
    const parts = sentences.length > 1 ? sentences.map(whole) : [];
    return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join(' ') : english;
  }
  return said;
}

/** Characters that are not put in: what has more of them says more exactly what it fits. */
function literal(english: string): number {
  return english.replaceAll(new RegExp(PLACE, 'g'), '').length;
}

function patternOf(english: string) {
  const places: { readonly name: string; readonly isNumber: boolean }[] = [];
  const source = english.split(/(\{#?\d\})/).map((part) => {
    const place = PLACE.exec(part);
    if (!place) return part.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
    const isNumber = place[1] === '#';
    places.push({ name: place[2] ?? '', isNumber });
    return isNumber ? `(${NUMBER})` : '(.+?)';
  });
  return { pattern: new RegExp(`^${source.join('')}$`, 's'), places };
}
