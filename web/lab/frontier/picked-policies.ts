import { POLICIES, type Policy } from '../../../core/policies';
import { POLICY_GROUPS, type PolicyGroup } from '../../../core/policies/policy';

/** Drawn whatever is picked: what every policy must be better than. */
export const ALWAYS_DRAWN: readonly string[] = ['all-mobile', 'all-edge', 'all-cloud', 'fixed-exit'];

/** Confidence, its kin, and the same in other words: with two classes each is a monotone function of the others. */
const OF_ONE_EXIT: readonly string[] = ['confidence', 'margin', 'entropy', 'normalised-entropy'];

/** Policies to pick from, group by group. */
export const PICKABLE: readonly { readonly name: PolicyGroup; readonly policies: readonly Policy[] }[] =
  POLICY_GROUPS.map((name) => ({
    name,
    policies: POLICIES.filter(({ group, id }) => group === name && !ALWAYS_DRAWN.includes(id)),
  }));

/** The place of a policy among all that have a colour of their own; −1 of those that are always drawn. */
export function placeOf(policy: string): number {
  return PICKABLE.flatMap(({ policies }) => policies).findIndex(({ id }) => id === policy);
}

/** Those that rank samples of so many classes alike, so that their curves can hardly differ; none where it is but one. */
export function alikeAmong(policies: readonly string[], classes: number): readonly string[] {
  const alike = classes === 2 ? policies.filter((id) => OF_ONE_EXIT.includes(id)) : [];
  return alike.length > 1 ? alike : [];
}

/** Read from, and written to, the field `curves`. */
export function pickedOf(curves: string): readonly string[] {
  return curves === '' ? [] : curves.split(',');
}

export function withPicked(curves: string, policy: string, isPicked: boolean): string {
  const others = pickedOf(curves).filter((id) => id !== policy);
  return (isPicked ? [...others, policy] : others).join(',');
}
