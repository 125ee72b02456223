import type { SourceName } from '../../core/view/fields';
import { settingsInWords } from '../../core/view/settings-words';
import type { Words } from '../words/en';
import type { Settings } from './Settings.svelte';

type Set = Pick<Settings, 'policy' | 'parameters' | 'plan' | 'manifest' | 'task' | 'fields'>;

/** Rows, policy, parameters and plan as a line, for whoever sees a picture or a sheet of paper without the page. */
export function settingsLine(
  { policy, parameters, plan, manifest, task }: Set,
  source: SourceName,
  words: Words,
): string {
  const set = settingsInWords({ policy, parameters, plan, layers: manifest.layers });
  return [words.print.rows(task.name, words.print.sources[source]), set].join(' · ');
}
