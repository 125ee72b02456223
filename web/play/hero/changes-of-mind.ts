import type { Exit } from '../../../core/exits';

/** The exits at which the answer became another one, the first among them: one alone where it never changed. */
export function changesOfMind(exits: readonly Exit[]): readonly Exit[] {
  return exits.filter((exit, index) => exit.label !== exits[index - 1]?.label);
}
