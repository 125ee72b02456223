import { expect, it } from 'vitest';
import { terms as english } from '../words/en/terms';
import { formulaParts } from './formula';
import { TERMS } from './terms';

const shown = (formula: string) =>
  formulaParts(formula)
    .map(({ text, isLetter, below }) => (isLetter ? `<${text}>` : text) + (below && `[${below}]`))
    .join('');

it('slants letters, leaves words and signs upright, and puts below what follows an underscore', () => {
  expect(shown('S = 1 − c / (o_{mc} + λ_t)')).toBe('<S> = 1 − <c> / (<o>[mc] + <λ>[t])');
  expect(shown('max_k exp(z_k) − a*')).toBe('max[k] exp(<z>[k]) − <a*>');
});

it('loses nothing of a formula', () => {
  for (const { formula = '' } of Object.values(TERMS)) {
    const text = formulaParts(formula).map(({ text, below }) => text + below);
    expect(text.join('')).toBe(formula.replaceAll(/_(?:\{([^}]*)\}|(.))/g, '$1$2'));
  }
});

/** Those below another are named with it. */
function lettersOf(formula: string): string[] {
  return formulaParts(formula)
    .filter(({ isLetter }) => isLetter)
    .map(({ text }) => text);
}

it.each(Object.entries(TERMS))('names every letter of the formula of %s', (id, { formula = '' }) => {
  const { letters = {} } = english.list[id as keyof typeof english.list] as { letters?: Record<string, string> };
  const named = Object.keys(letters).flatMap(lettersOf);
  expect(lettersOf(formula).filter((letter) => !named.includes(letter))).toEqual([]);
  expect(Object.keys(letters).length > 0).toBe(formula !== '');
});
