import type { Language } from '../words/language.svelte';

/** The route with its words, which no other route needs. */
export async function loadCompare(language: Pick<Language, 'fetch'>) {
  const [view] = await Promise.all([import('./CompareView.svelte'), language.fetch('compare')]);
  return view;
}
