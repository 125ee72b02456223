import { DimeeError } from '../errors';
import { allCloud, allEdge, allMobile } from './baselines';
import { fixedExit, randomExit } from './chance';
import { confidence } from './confidence';
import { confidencePerExit } from './confidence-per-exit';
import { ensemble } from './ensemble';
import { entropy, normalisedEntropy } from './entropy';
import { learnedExit } from './learned-exit';
import { margin } from './margin';
import { oracle } from './oracle';
import { patience } from './patience';
import { patientAndConfident } from './patient-and-confident';
import type { Policy, PolicyChoice, PolicyParameters } from './policy';
import { quota } from './quota';
import { riskControlled } from './risk-controlled';
import { saturation } from './saturation';

export type { ParameterSpec, Policy, PolicyChoice, PolicyParameters } from './policy';

/** Every policy there is, group by group. The page, the link and the command line are made from this list. */
export const POLICIES: readonly Policy[] = [
  confidence,
  confidencePerExit,
  margin,
  entropy,
  normalisedEntropy,
  patience,
  patientAndConfident,
  ensemble,
  saturation,
  learnedExit,
  quota,
  riskControlled,
  allMobile,
  allEdge,
  allCloud,
  fixedExit,
  randomExit,
  oracle,
];

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
    const { label, min, max, step } = spec;
    if (!(value >= min && value <= max)) {
      throw new DimeeError('BAD_INPUT', `${label} must be from ${min} to ${max}, not ${value}.`);
    }
    if (Number.isInteger(step) && !Number.isInteger(value)) {
      throw new DimeeError('BAD_INPUT', `${label} must be a whole number, not ${value}.`);
    }
  }
  return { policy, parameters: { ...defaultParameters(policy), ...choice.parameters } };
}
