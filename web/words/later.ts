import type { compare } from './en/compare';
import type { learn } from './en/learn';
import type { terms } from './en/terms';
import type { tour } from './en/tour';

/** Words that are fetched when somebody comes to them: most visits need none of these. */
export interface LaterWords {
  readonly compare: typeof compare;
  readonly terms: typeof terms;
  readonly learn: typeof learn;
  readonly tour: typeof tour;
}
