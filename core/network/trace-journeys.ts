import { at } from '../numbers/at';
import { type Decision, decisionsOfTiers } from '../policies/decision';
import {
  lastLayerOf,
  type LayerIndex,
  type Plan,
  type Stretch,
  stretchesOf,
  type TierName,
  TIERS,
  toLayer,
} from '../layers';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { Evaluation } from '../trace/evaluate';
import type { Journey } from './journey';

/** The stretches of a sample that left at a layer, answered by a tier: with a policy that chooses tiers, all in that one. */
export function wayOf(decision: Decision, tier: TierName, exitLayer: LayerIndex): readonly Stretch[] {
  if (!decision.policy.tierFor) return decision.stretches;
  const whole = decisionsOfTiers(decision);
  const reaches = ({ stretches }: Decision) => lastLayerOf(stretches) >= exitLayer;
  // A device without an edge answers what was meant for a tier further on.
  const meant = reaches(whole[tier]) ? tier : TIERS.find((other) => reaches(whole[other]));
  return whole[meant ?? tier].stretches;
}

/** How each row of a trace travels under a decision that was evaluated. */
export function traceJourneys(
  { trace }: CalibratedTrace,
  { exitLayers, tiers }: Pick<Evaluation, 'exitLayers' | 'tiers'>,
  decision: Decision,
): Journey[] {
  return Array.from(exitLayers, (number, row) => {
    const exitLayer = toLayer(number);
    return {
      stretches: wayOf(decision, at(TIERS, at(tiers, row)), exitLayer),
      exitLayer,
      tokens: at(trace.tokens, row),
    };
  });
}

/** The same samples, every one sent whole to the cloud. */
export function allCloudJourneys(journeys: readonly Journey[], plan: Plan, layers: number): Journey[] {
  const stretches = stretchesOf('cloud', plan, layers);
  return journeys.map((journey) => ({ ...journey, stretches, exitLayer: toLayer(layers) }));
}
