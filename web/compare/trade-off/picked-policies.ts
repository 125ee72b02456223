import { POLICIES, type Policy, policyById } from '../../../core/policies';
import { POLICY_GROUPS, type PolicyGroup } from '../../../core/policies/policy';

/** Drawn whatever is picked: what every policy must be better than. */
export const ALWAYS_DRAWN: readonly string[] = POLICIES.filter(({ isYardstick }) => isYardstick).map(({ id }) => id);

/** Policies to pick from, group by group. */
export const PICKABLE: readonly { readonly name: PolicyGroup; readonly policies: readonly Policy[] }[] =
  POLICY_GROUPS.map((name) => ({
    name,
    policies: POLICIES.filter(({ group, isYardstick }) => group === name && !isYardstick),
  }));

/** Those that rank samples of so many classes alike, so that their curves can hardly differ; none where it is but one. */
export function alikeAmong(policies: readonly string[], classes: number): readonly string[] {
  const alike = classes === 2 ? policies.filter((id) => hasTwins(policyById(id))) : [];
  return alike.length > 1 ? alike : [];
}

/** Whether it looks at one exit with a threshold a tier: with two classes such policies are monotone functions of each other. */
function hasTwins({ ordersPairsByConfidence, parameters }: Policy): boolean {
  return ordersPairsByConfidence === true && parameters.every(({ tier }) => tier !== undefined);
}

/** Read from, and written to, the field `curves`. */
export function pickedOf(curves: string): readonly string[] {
  return curves === '' ? [] : curves.split(',');
}

export function withPicked(curves: string, policy: string, isPicked: boolean): string {
  const others = pickedOf(curves).filter((id) => id !== policy);
  return (isPicked ? [...others, policy] : others).join(',');
}
