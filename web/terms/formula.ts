/** A piece of a formula: a letter that stands for a number is slanted, words such as “max” and signs are not. */
export interface FormulaPart {
  readonly text: string;
  readonly isLetter: boolean;
  /** What stands below it. */
  readonly below: string;
}

/** A name and what is below it (`p_k`, `o_{mc}`), or one sign. */
const PART = /(\p{L}+\*?|[^\p{L}])(?:_(?:\{([^}]*)\}|(.)))?/gu;

/** Reads `S = 1 − c / (o_{mc} + L · λ_c)`: one letter is a letter, more are a word. */
export function formulaParts(formula: string): readonly FormulaPart[] {
  return [...formula.matchAll(PART)].map(([, text = '', group, sign]) => ({
    text,
    isLetter: /^\p{L}\*?$/u.test(text),
    below: group ?? sign ?? '',
  }));
}
