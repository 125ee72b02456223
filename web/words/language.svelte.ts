import { en, type Words } from './en';

/** Languages of the page; English is complete and stands in the first script. */
export const LANGUAGES = [{ id: 'en', name: 'English' }] as const;
export type LanguageId = (typeof LANGUAGES)[number]['id'];

/** The page's strings in the language that is read. Components take theirs from `words`, and change with it. */
export class Language {
  #words: Words = $state.raw(en);
  #id: LanguageId = $state('en');

  get words(): Words {
    return this.#words;
  }

  get id(): LanguageId {
    return this.#id;
  }

  /** A count as the language writes it. */
  number(count: number): string {
    return count.toLocaleString(this.#id);
  }
}
