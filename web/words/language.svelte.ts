import { en, type Words } from './en';
import { type LanguageId, preferredLanguage } from './languages';
import type { LaterWords } from './later';
import { count, writeNumbersIn } from './numbers.svelte';

const KEY = 'dimee.language';

type Part = keyof LaterWords;

/** Where words come from that do not stand in the first script. */
export interface Shelf {
  readonly words: () => Promise<Words>;
  readonly later: { readonly [Name in Part]: () => Promise<LaterWords[Name]> };
}

const SHELVES: Readonly<Record<LanguageId, Shelf>> = {
  en: {
    words: () => Promise.resolve(en),
    later: {
      compare: async () => (await import('./en/compare')).compare,
      terms: async () => (await import('./en/terms')).terms,
      learn: async () => (await import('./en/learn')).learn,
      tour: async () => (await import('./en/tour')).tour,
    },
  },
  de: {
    words: async () => (await import('./de')).de,
    later: {
      compare: async () => (await import('./de/compare')).compare,
      terms: async () => (await import('./de/terms')).terms,
      learn: async () => (await import('./de/learn')).learn,
      tour: async () => (await import('./de/tour')).tour,
    },
  },
};

/** The page's strings in the language that is read. Components take theirs from `words`, and change with it. */
export class Language {
  #words: Words = $state.raw(en);
  #id: LanguageId = $state('en');
  #later: Partial<LaterWords> = $state.raw({});
  #failed: LanguageId | undefined = $state();
  /** The latest asked for: an earlier one that comes late is put away. */
  #wanted: LanguageId = 'en';

  constructor(private readonly shelves: Readonly<Record<LanguageId, Shelf>> = SHELVES) {}

  get words(): Words {
    return this.#words;
  }

  get id(): LanguageId {
    return this.#id;
  }

  /** A sentence that comes from below the page, where all is English. Where the language has none for it, it stays so. */
  said(english: string): string {
    return this.#words.said(english);
  }

  /** A count as the language writes it. */
  number(value: number): string {
    return count(value);
  }

  /** The language that was asked for last and could not be fetched. */
  get failed(): LanguageId | undefined {
    return this.#failed;
  }

  /** A part of the words that is fetched when it is needed; undefined until it is here. */
  later<Name extends Part>(part: Name): LaterWords[Name] | undefined {
    return this.#later[part];
  }

  /** Takes the person's language, as far as it is known. */
  start(): Promise<void> {
    return this.#take(preferredLanguage(stored(), navigator.languages));
  }

  /** Another language, to be kept for the next visit. */
  choose(id: LanguageId): Promise<void> {
    store(id);
    return this.#take(id);
  }

  /** Fetches a part, unless it is here; rejects where it cannot be had. */
  async fetch(part: Part): Promise<void> {
    if (this.#later[part]) return;
    const id = this.#id;
    const words = await this.shelves[id].later[part]();
    if (id !== this.#id) return this.fetch(part);
    this.#later = { ...this.#later, [part]: words };
  }

  /** All of it changes at once, when all that is shown has come. What was read before stays where that fails. */
  async #take(id: LanguageId): Promise<void> {
    this.#wanted = id;
    try {
      const { words, later } = this.shelves[id];
      const parts = Object.keys(this.#later) as Part[];
      const [page, ...fetched] = await Promise.all([words(), ...parts.map((part) => later[part]())]);
      if (this.#wanted !== id) return;
      // A part that came meanwhile is in the language of before.
      if (Object.keys(this.#later).length > parts.length) return await this.#take(id);
      this.#words = page;
      this.#id = id;
      this.#later = Object.fromEntries(parts.map((part, index) => [part, fetched[index]])) as Partial<LaterWords>;
      this.#failed = undefined;
      writeNumbersIn(id);
    } catch {
      if (this.#wanted === id) this.#failed = id;
    }
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** A browser that keeps nothing asks again by what it prefers. */
function store(id: LanguageId): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    return;
  }
}
