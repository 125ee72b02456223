/** Languages of the page, each by its own name. English is complete and stands in the first script. */
export const LANGUAGES = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
] as const;

export type LanguageId = (typeof LANGUAGES)[number]['id'];

/** What the person chose before, else the first language that their browser asks for and the page has, else English. */
export function preferredLanguage(stored: string | null, asked: readonly string[]): LanguageId {
  const wanted = stored === null ? asked : [stored, ...asked];
  const known = wanted.map((tag) => LANGUAGES.find(({ id }) => tag.toLowerCase().split('-')[0] === id));
  return known.find((language) => language !== undefined)?.id ?? 'en';
}
