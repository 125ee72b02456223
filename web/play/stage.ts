import type { DevSplit } from '../state/DevSplit.svelte';
import { type ExitView, viewOfEvaluation } from '../state/exit-view';
import type { Picture } from '../state/Picture.svelte';
import type { Sentences } from '../state/Sentences.svelte';
import type { Settings } from '../state/Settings.svelte';

/** So many sentences ride on top of the recorded rows; more of them have a picture of their own. */
const MOST_RIDING = 3;

/** What the first view is drawn from. */
export interface Stage {
  readonly view: ExitView | undefined;
  /** A few own sentences are on their way before the recorded rows, which `view` shows then. */
  readonly rides: boolean;
}

/** A picture of one or two sentences says nothing: they ride before that of the recorded rows, where there are any. */
export function stageOf(of: {
  readonly settings: Pick<Settings, 'fields'>;
  readonly sentences: Pick<Sentences, 'count'>;
  readonly devSplit: Pick<DevSplit, 'result'>;
  readonly picture: Pick<Picture, 'view'>;
}): Stage {
  const { settings, sentences, devSplit, picture } = of;
  const isFew = sentences.count > 0 && sentences.count <= MOST_RIDING;
  const recorded = settings.fields.source === 'sentences' && isFew ? devSplit.result : undefined;
  return { rides: recorded !== undefined, view: recorded ? viewOfEvaluation(recorded) : picture.view };
}
