import type { LanguageId } from './languages';
import { SHORT_WORDS, type ShortWords } from './short-words';

/** The one language that the page's numbers are written in: there is one page, as there is one `<html lang>`. */
let language: LanguageId = $state('en');

export function writeNumbersIn(id: LanguageId): void {
  language = id;
}

export function shortWords(): ShortWords {
  return SHORT_WORDS[language];
}

const marks = new Map<LanguageId, string>();

function decimalMark(): string {
  const known = marks.get(language);
  if (known !== undefined) return known;
  const mark = new Intl.NumberFormat(language).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  marks.set(language, mark);
  return mark;
}

/** Digits after a point as `toFixed` rounds them, so that page, exports and documents agree to the digit. */
export function withDigits(value: number, digits: number): string {
  return value.toFixed(digits).replace('.', decimalMark());
}

/** A number that has been written with a point. */
export function localised(number: string): string {
  return number.replace('.', decimalMark());
}

/** “1 to 4”. */
export function range(low: string, high: string): string {
  return `${low} ${shortWords().to} ${high}`;
}

/** A whole number with its thousands set apart. */
export function count(value: number): string {
  return value.toLocaleString(language);
}

/** “one, two and three”. */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(language === 'en' ? 'en-GB' : language).format(items);
}
