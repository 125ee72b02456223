import type { Exit } from '../exits';
import { type LayerIndex, type Stretch, stretchAt } from '../layers';
import type { ExitRule, Policy, PolicyParameters } from '../policies';

/** A policy, its parameters and the stretches its samples climb: all that decides where a sample leaves. */
export interface Decision {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly stretches: readonly Stretch[];
}

/** Whether samples leave at a layer: the policy's rule says so, or there is no layer beyond. */
export function exitRuleAt(layer: LayerIndex, { policy, parameters, stretches }: Decision): ExitRule {
  if (stretchAt(stretches, layer + 1) === undefined) return () => true;
  const stretch = stretchAt(stretches, layer);
  return stretch ? policy.exitRule(stretch.tier, parameters) : () => false;
}

/** Whether a sample with this score leaves at this layer. */
export function leavesAt(layer: LayerIndex, score: number, decision: Decision): boolean {
  return exitRuleAt(layer, decision)(score);
}

/** The first of the known exits at which the sample leaves, or undefined where it must climb on to know. */
export function findExit(exits: readonly Exit[], decision: Decision): Exit | undefined {
  return exits.find((exit, index) => leavesAt(exit.layer, decision.policy.score(exits.slice(0, index + 1)), decision));
}
