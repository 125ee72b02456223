import type { Exit } from '../exits';
import { type LayerIndex, type Stretch, stretchAt } from '../layers';
import type { Policy, PolicyParameters } from '../policies';

/** A policy, its parameters and the stretches its samples climb: all that decides where a sample leaves. */
export interface Decision {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly stretches: readonly Stretch[];
}

/** Whether a sample with this score leaves at this layer: the rule says so, or there is no layer beyond. */
export function leavesAt(layer: LayerIndex, score: number, { policy, parameters, stretches }: Decision): boolean {
  if (stretchAt(stretches, layer + 1) === undefined) return true;
  const stretch = stretchAt(stretches, layer);
  return stretch !== undefined && policy.passes(score, stretch.tier, parameters);
}

/** The first of the known exits at which the sample leaves, or undefined where it must climb on to know. */
export function findExit(exits: readonly Exit[], decision: Decision): Exit | undefined {
  return exits.find((exit, index) => leavesAt(exit.layer, decision.policy.score(exits.slice(0, index + 1)), decision));
}
