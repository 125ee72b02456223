import { byId } from '../by-id';
import { DimeeError } from '../errors';
import type { TierName } from '../layers';
import { allCloud, allEdge, allMobile } from './baselines';
import { fixedExit, randomExit } from './chance';
import { classThresholds } from './class-thresholds';
import { confidence } from './confidence';
import { confidencePerExit } from './confidence-per-exit';
import { edgeEnsemble } from './edge-ensemble';
import { ensemble, ensembleByCost } from './ensemble';
import { entropy, normalisedEntropy } from './entropy';
import { expectedLoss } from './expected-loss';
import { fastYetSafe } from './fast-yet-safe';
import { fusion } from './fusion';
import { learnedExit } from './learned-exit';
import { margin } from './margin';
import { oracle } from './oracle';
import { patience } from './patience';
import { patientAndConfident } from './patient-and-confident';
import { parametersOf, type Policy, type PolicyChoice, type PolicyParameters } from './policy';
import { dimecDcPools, dimeePools } from './pools';
import { quota } from './quota';
import { riskControlled } from './risk-controlled';
import { saturation } from './saturation';
import { spinn } from './spinn';

export { parametersOf } from './policy';
export type { ParameterRow, ParameterSpec, Policy, PolicyChoice, PolicyParameters } from './policy';

/** Every policy there is, group by group. The page, the link and the command line are made from this list. */
export const POLICIES: readonly Policy[] = [
  confidence,
  confidencePerExit,
  margin,
  entropy,
  normalisedEntropy,
  spinn,
  patience,
  patientAndConfident,
  ensemble,
  ensembleByCost,
  saturation,
  fusion,
  edgeEnsemble,
  dimeePools,
  dimecDcPools,
  learnedExit,
  quota,
  riskControlled,
  fastYetSafe,
  expectedLoss,
  classThresholds,
  allMobile,
  allEdge,
  allCloud,
  fixedExit,
  randomExit,
  oracle,
];

/** @throws DimeeError `BAD_INPUT` for a name that no policy has. */
export function policyById(id: string): Policy {
  return byId(POLICIES, id, 'policy');
}

export function defaultParameters(policy: Pick<Policy, 'parameters'>, layers: number): PolicyParameters {
  return Object.fromEntries(parametersOf(policy, layers).map((spec) => [spec.id, spec.default]));
}

/**
 * The confidence thresholds that were chosen for a task, by the parameters of a policy that asks for them, one a tier;
 * nothing for any other policy.
 */
export function calibratedParameters(
  policy: Pick<Policy, 'parameters' | 'asksForConfidence'>,
  layers: number,
  thresholds: Readonly<Partial<Record<TierName, number>>> = {},
): PolicyParameters {
  if (!policy.asksForConfidence) return {};
  const known = parametersOf(policy, layers).flatMap(({ id, tier }) => {
    const threshold = tier && thresholds[tier];
    return threshold === undefined ? [] : [[id, threshold] as const];
  });
  return Object.fromEntries(known);
}

/**
 * The policy of a choice and its full parameters for a model of so many layers, defaults filled in.
 * @throws DimeeError `BAD_INPUT` for an unknown policy or parameter, or a value outside its range.
 */
export function resolvePolicy(choice: PolicyChoice, layers: number): { policy: Policy; parameters: PolicyParameters } {
  const policy = policyById(choice.id);
  return { policy, parameters: resolveParameters(policy, layers, choice.parameters) };
}

/**
 * All parameters of a policy of any kind: the given ones, and defaults for the rest.
 * @throws DimeeError `BAD_INPUT` for a parameter that the policy does not have, or a value outside its range.
 */
export function resolveParameters(
  policy: Pick<Policy, 'id' | 'parameters'>,
  layers: number,
  given: PolicyParameters = {},
): PolicyParameters {
  for (const [id, value] of Object.entries(given)) {
    const spec = parametersOf(policy, layers).find((candidate) => candidate.id === id);
    if (!spec) throw new DimeeError('BAD_INPUT', `The policy “${policy.id}” has no parameter “${id}”.`);
    const { label, min, max, step } = spec;
    if (!(value >= min && value <= max)) {
      throw new DimeeError('BAD_INPUT', `${label} must be from ${min} to ${max}, not ${value}.`);
    }
    if (Number.isInteger(step) && !Number.isInteger(value)) {
      throw new DimeeError('BAD_INPUT', `${label} must be a whole number, not ${value}.`);
    }
  }
  return { ...defaultParameters(policy, layers), ...given };
}
