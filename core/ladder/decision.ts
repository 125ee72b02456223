import type { Exit } from '../exits';
import { type Stretch, stretchAt } from '../layers';
import type { Policy, PolicyParameters } from '../policies';
import { type Fitted, NOTHING_FITTED } from '../policies/fitted';
import type { SampleFacts } from '../policies/policy';

/** A policy, its parameters and the stretches its samples climb: all that decides where a sample leaves. */
export interface Decision {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly stretches: readonly Stretch[];
  /** What the policy was fitted to, for one that needs it. */
  readonly fitted?: Fitted;
}

const thresholdsOf = new WeakMap<Decision, Float64Array>();

/** The least score with which samples leave, by layer: index 0 is layer 1, the last one is where every sample leaves. */
export function exitThresholds(decision: Decision): Float64Array {
  const found = thresholdsOf.get(decision) ?? makeThresholds(decision);
  thresholdsOf.set(decision, found);
  return found;
}

function makeThresholds({ policy, parameters, stretches, fitted = NOTHING_FITTED }: Decision): Float64Array {
  const lastLayer = stretches.at(-1)?.lastLayer ?? 0;
  return Float64Array.from({ length: lastLayer }, (_, index) => {
    const layer = index + 1;
    if (layer === lastLayer) return Number.NEGATIVE_INFINITY;
    const tier = stretchAt(stretches, layer)?.tier;
    return tier ? policy.threshold({ layer, tier, lastLayer }, parameters, fitted) : Number.POSITIVE_INFINITY;
  });
}

/** Whether a sample with these exits 1..k leaves at layer k: its score is enough, or there is no layer beyond. */
export function leaves(exits: readonly Exit[], decision: Decision, sample: SampleFacts): boolean {
  const { policy, parameters, fitted = NOTHING_FITTED } = decision;
  const thresholds = exitThresholds(decision);
  if (exits.length >= thresholds.length) return true;
  return policy.score(exits, { parameters, fitted, sample }) >= (thresholds[exits.length - 1] ?? 0);
}

/** The first exits of a sample that tell the policy all it needs. */
export function usableExits(exits: readonly Exit[], { needs }: Policy): readonly Exit[] {
  if (!needs.includes('saturation')) return exits;
  const end = exits.findIndex(({ saturation }) => saturation === undefined);
  return end < 0 ? exits : exits.slice(0, end);
}

/** The first of the known exits at which the sample leaves, or undefined where it must climb on to know. */
export function findExit(exits: readonly Exit[], decision: Decision, sample: SampleFacts = {}): Exit | undefined {
  return usableExits(exits, decision.policy).find((_, index, usable) =>
    leaves(usable.slice(0, index + 1), decision, sample),
  );
}
