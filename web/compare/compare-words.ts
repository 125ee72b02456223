import type { Aim } from '../../core/tuning/optimise';
import { localised } from '../words/numbers.svelte';
import type { Language } from '../words/language.svelte';
import type { LaterWords } from '../words/later';
import type { LabSource } from './Lab.svelte';

export type CompareWords = LaterWords['compare'];

/** Words of this route, which are fetched with it. */
export function compareWords(language: Pick<Language, 'later'>): CompareWords {
  const words = language.later('compare');
  if (!words) throw new Error('Compare is shown before its words are here: fetch the part “compare” first.');
  return words;
}

/** What the rows that are reported on are called: a person’s own by their name, those of the model by their task. */
export function rowsInWords(source: LabSource, words: CompareWords): string {
  return source.isOwn ? source.name : words.devRows(source.name);
}

/** Which parameters are chosen, to stand before “on the calibration split”. */
export function aimInWords(aim: Aim, words: CompareWords): string {
  return aim.kind === 'allowedLoss'
    ? words.aim.allowedLoss(localised(`${aim.points}`))
    : words.aim.equalCost(localised(`${aim.costCutPercent}`));
}
