import { DimeeError } from '../errors';
import { allCloud, allEdge, allMobile } from './baselines';
import { confidence } from './confidence';
import { entropy } from './entropy';
import { patience } from './patience';
import type { Policy, PolicyChoice, PolicyParameters } from './policy';

export type { ExitRule, ParameterSpec, Policy, PolicyChoice, PolicyParameters } from './policy';

/** Every policy there is. The page, the link and the command line are made from this list. */
export const POLICIES: readonly Policy[] = [confidence, entropy, patience, allMobile, allEdge, allCloud];

/** @throws DimeeError `BAD_INPUT` for a name that no policy has. */
export function policyById(id: string): Policy {
  const policy = POLICIES.find((candidate) => candidate.id === id);
  if (policy) return policy;
  const known = POLICIES.map((candidate) => candidate.id).join(', ');
  throw new DimeeError('BAD_INPUT', `There is no policy “${id}”. Choose one of: ${known}.`);
}

export function defaultParameters(policy: Policy): PolicyParameters {
  return Object.fromEntries(policy.parameters.map((spec) => [spec.id, spec.default]));
}

/**
 * The policy of a choice and its full parameters, defaults filled in.
 * @throws DimeeError `BAD_INPUT` for an unknown policy or parameter, or a value outside its range.
 */
export function resolvePolicy(choice: PolicyChoice): { policy: Policy; parameters: PolicyParameters } {
  const policy = policyById(choice.id);
  for (const [id, value] of Object.entries(choice.parameters)) {
    const spec = policy.parameters.find((candidate) => candidate.id === id);
    if (!spec) throw new DimeeError('BAD_INPUT', `The policy “${policy.id}” has no parameter “${id}”.`);
    if (!(value >= spec.min && value <= spec.max)) {
      throw new DimeeError('BAD_INPUT', `${spec.label} must be from ${spec.min} to ${spec.max}, not ${value}.`);
    }
  }
  return { policy, parameters: { ...defaultParameters(policy), ...choice.parameters } };
}
