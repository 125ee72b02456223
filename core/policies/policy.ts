import type { Exit } from '../exits';
import type { Route, TierName } from '../layers';

/** A parameter of a policy: the page's sliders, the link and the command line are made from these rows. */
export interface ParameterSpec {
  readonly id: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  /** One sentence for the person who moves it. */
  readonly hint: string;
}

export type PolicyParameters = Readonly<Record<string, number>>;

export type ExitRule = (score: number) => boolean;

/** When a sample leaves the network: a score of the evidence so far, and a rule on that score. */
export interface Policy {
  readonly id: string;
  readonly name: string;
  /** The rule in the field's symbols. */
  readonly rule: string;
  readonly source: string;
  readonly route: Route;
  readonly parameters: readonly ParameterSpec[];
  /**
   * Sums up exits 1..k in one number at exit k. It must not depend on the parameters: recorded scores are kept,
   * and a moved slider asks `exitRule` alone.
   */
  score(exits: readonly Exit[]): number;
  /** Whether a sample with a score leaves at a layer of `tier`, as a function of the score alone: replay asks it often. */
  exitRule(tier: TierName, parameters: PolicyParameters): ExitRule;
}

/** A policy together with the values of its parameters. */
export interface PolicyChoice {
  readonly id: string;
  readonly parameters: PolicyParameters;
}

/** One threshold a tier, named `mobileThreshold`, `edgeThreshold`, `cloudThreshold`. */
export function tierThresholds(
  spec: Pick<ParameterSpec, 'min' | 'max' | 'step'>,
  defaults: Record<TierName, number>,
  hint: string,
): readonly ParameterSpec[] {
  const row = (tier: TierName, label: string): ParameterSpec => ({
    id: `${tier}Threshold`,
    label,
    ...spec,
    default: defaults[tier],
    hint,
  });
  return [row('mobile', 'Mobile threshold'), row('edge', 'Edge threshold'), row('cloud', 'Cloud threshold')];
}

export function thresholdOf(tier: TierName, parameters: PolicyParameters): number {
  return parameters[`${tier}Threshold`] ?? Number.NaN;
}
