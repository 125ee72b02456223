import { at, lastOf } from '../numbers/at';
import { argmax, type Exit } from '../exits';
import {
  lastLayerOf,
  layersUpTo,
  type Plan,
  type Stretch,
  stretchAt,
  stretchesOf,
  type TierName,
  wholeTo,
} from '../layers';
import { allOf } from './baselines';
import { type Fitted, NOTHING_FITTED } from './fitted';
import type { ScoreInputs, Policy, PolicyParameters, SampleFacts } from './policy';

/** A policy, its parameters and the stretches its samples climb: all that decides where a sample leaves. */
export interface Decision {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly stretches: readonly Stretch[];
  /** What the policy was fitted to, for one that needs it. */
  readonly fitted?: Fitted;
}

/** What stays of a decision while its parameters are chosen. */
export type Frame = Omit<Decision, 'parameters'>;

/** What a decision takes place in besides the policy. `layers` is how many the whole network has. */
export interface DecisionSetting {
  readonly plan: Plan;
  readonly layers: number;
  readonly fitted?: Fitted;
}

/** What the policy decides by in a setting, whatever its parameters. */
export function frameIn({ plan, layers, fitted = NOTHING_FITTED }: DecisionSetting, policy: Policy): Frame {
  return { policy, fitted, stretches: stretchesOf(policy.route, plan, layers) };
}

/** What the policy with these parameters decides in a setting. */
export function decisionIn(setting: DecisionSetting, policy: Policy, parameters: PolicyParameters): Decision {
  return { ...frameIn(setting, policy), parameters };
}

const decisionsByTier = new WeakMap<Decision, Readonly<Record<TierName, Decision>>>();

/** The decisions of a policy that chooses a tier for each sample: there the sample goes whole, and leaves at the end. */
export function decisionsOfTiers(decision: Decision): Readonly<Record<TierName, Decision>> {
  const found = decisionsByTier.get(decision) ?? {
    mobile: wholeDecision('mobile', decision),
    edge: wholeDecision('edge', decision),
    cloud: wholeDecision('cloud', decision),
  };
  decisionsByTier.set(decision, found);
  return found;
}

function wholeDecision(tier: TierName, { stretches }: Decision): Decision {
  return { policy: allOf[tier], parameters: {}, stretches: wholeTo(tier, stretches) };
}

/** What decides of one sample, with the stretches it takes; undefined where too little is known of it to choose its tier. */
export function decisionFor(sample: SampleFacts, decision: Decision): Decision | undefined {
  if (!decision.policy.tierFor) return decision;
  const tier = decision.policy.tierFor(sample, decision.fitted ?? NOTHING_FITTED);
  return tier && decisionsOfTiers(decision)[tier];
}

const thresholdsOf = new WeakMap<Decision, Float64Array>();

/** The least score with which samples leave, by layer: index 0 is layer 1, the last one is where every sample leaves. */
export function exitThresholds(decision: Decision): Float64Array {
  const found =
    thresholdsOf.get(decision) ??
    Float64Array.from(thresholdsByLayer(decision, [decision.parameters]), (thresholds) => at(thresholds, 0));
  thresholdsOf.set(decision, found);
  return found;
}

/** The same for many choices of parameters, `[layers][choices]`. */
export function thresholdsByLayer(
  { policy, stretches, fitted = NOTHING_FITTED }: Frame,
  choices: readonly PolicyParameters[],
): Float64Array[] {
  const lastLayer = lastLayerOf(stretches);
  return layersUpTo(lastLayer).map((layer) => {
    const stretch = stretchAt(stretches, layer);
    if (layer === lastLayer) return new Float64Array(choices.length).fill(Number.NEGATIVE_INFINITY);
    if (!stretch) return new Float64Array(choices.length).fill(Number.POSITIVE_INFINITY);
    const place = { layer, tier: stretch.tier, tierLastLayer: stretch.lastLayer, lastLayer };
    return Float64Array.from(choices, (parameters) => policy.threshold(place, parameters, fitted));
  });
}

/** Whether a sample with these exits 1..k leaves at layer k: its score is enough, or there is no layer beyond. */
export function leaves(exits: readonly Exit[], decision: Decision, sample: SampleFacts): boolean {
  const thresholds = exitThresholds(decision);
  if (exits.length >= thresholds.length) return true;
  return decision.policy.score(exits, givenOf(decision, sample)) >= at(thresholds, exits.length - 1);
}

/** The first exits of a sample that tell the policy all it needs. */
export function usableExits(exits: readonly Exit[], { needs }: Policy): readonly Exit[] {
  if (!needs.includes('saturation')) return exits;
  const end = exits.findIndex(({ saturation }) => saturation === undefined);
  return end < 0 ? exits : exits.slice(0, end);
}

/**
 * The first of the known exits at which the sample leaves, with the label and probabilities that are answered there;
 * undefined where it must climb on to know.
 */
export function findExit(exits: readonly Exit[], decision: Decision, sample: SampleFacts = {}): Exit | undefined {
  const own = decisionFor(sample, decision);
  if (!own) return undefined;
  const usable = usableExits(exits, own.policy);
  const index = usable.findIndex((_, before) => leaves(usable.slice(0, before + 1), own, sample));
  return index < 0 ? undefined : answerAfter(usable.slice(0, index + 1), own, sample);
}

/** The last of exits 1..k, with the label and probabilities that a sample is answered with which leaves there. */
export function answerAfter(exits: readonly Exit[], decision: Decision, sample: SampleFacts): Exit {
  const exit = lastOf(exits);
  const probabilities = decision.policy.predict?.(exits, givenOf(decision, sample));
  if (!probabilities) return exit;
  const label = argmax(probabilities);
  return { ...exit, probabilities, label, confidence: at(probabilities, label) };
}

function givenOf({ parameters, stretches, fitted = NOTHING_FITTED }: Decision, sample: SampleFacts): ScoreInputs {
  return { parameters, stretches, fitted, sample };
}
