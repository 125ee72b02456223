import type { DevSplit } from '../state/DevSplit.svelte';
import { type ExitView, viewOfEvaluation } from '../state/exit-view';
import type { Picture } from '../state/Picture.svelte';
import type { Sentences } from '../state/Sentences.svelte';
import type { Settings } from '../state/Settings.svelte';

/** What the first view is drawn from. */
export interface Stage {
  readonly view: ExitView | undefined;
  /** One own sentence is on its way before the recorded rows, which `view` shows then. */
  readonly rides: boolean;
}

/** A picture of one sentence says nothing: it rides before that of the recorded rows, where there are any. */
export function stageOf(of: {
  readonly settings: Pick<Settings, 'fields'>;
  readonly sentences: Pick<Sentences, 'count'>;
  readonly devSplit: Pick<DevSplit, 'result'>;
  readonly picture: Pick<Picture, 'view'>;
}): Stage {
  const { settings, sentences, devSplit, picture } = of;
  const recorded = settings.fields.source === 'sentences' && sentences.count === 1 ? devSplit.result : undefined;
  return { rides: recorded !== undefined, view: recorded ? viewOfEvaluation(recorded) : picture.view };
}
