import type { Language } from '../words/language.svelte';

/** The route with its words, which no other route needs. */
export async function loadLearn(language: Pick<Language, 'fetch'>) {
  const [view] = await Promise.all([import('./LearnView.svelte'), language.fetch('learn'), language.fetch('terms')]);
  return view;
}
