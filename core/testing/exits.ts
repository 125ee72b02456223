import { type Exit, exitsOf } from '../exits';
import { findExit } from '../policies/decision';
import { type Plan, stretchesOf } from '../layers';
import { policyById, type PolicyParameters, resolvePolicy } from '../policies';
import type { Fitted } from '../policies/fitted';
import type { SampleFacts } from '../policies/policy';
import { type Random, randomLogits } from './random';

/** One exit per row of class probabilities. */
export function exitsWith(...probabilities: readonly (readonly number[])[]): Exit[] {
  return exitsOf(
    probabilities.map((row) => row.map(Math.log)),
    new Array<number>(probabilities.length).fill(1),
  );
}

/** The probabilities of two classes, of the first one given. */
export function sure(p: number): number[] {
  return [p, 1 - p];
}

/** So many layers that are hardly sure of anything. */
export function unsure(layers: number): number[][] {
  return new Array<number[]>(layers).fill(sure(0.6));
}

/** Twelve exits with logits and temperatures drawn at random, and how much each layer turned the hidden state. */
export function randomExits(random: Random, classes: number): Exit[] {
  const logits = Array.from({ length: 12 }, () => randomLogits(random, classes, 3));
  const temperatures = Array.from({ length: 12 }, () => 0.5 + random());
  return exitsOf(logits, temperatures).map((exit) => ({ ...exit, saturation: random() }));
}

export interface Circumstances {
  readonly fitted?: Fitted;
  readonly sample?: SampleFacts;
  readonly plan?: Plan;
}

/** Where a sample with these exits leaves under a policy of twelve layers; undefined where it must climb on to know. */
export function exitLayer(
  id: string,
  parameters: PolicyParameters,
  exits: readonly Exit[],
  { fitted = {}, sample = {}, plan = { mobileLayers: 4, edgeLayers: 8 } }: Circumstances = {},
): number | undefined {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters }, 12);
  const stretches = stretchesOf(policy.route, plan, 12);
  return findExit(exits, { policy, parameters: complete, stretches, fitted }, sample)?.layer;
}

/** What a policy says of the last of some exits. */
export function scoreOf(id: string, exits: readonly Exit[], fitted: Fitted = {}): number {
  return policyById(id).score(exits, { parameters: {}, fitted, sample: {}, stretches: [] });
}

/** What it says after each of them. */
export function scoresOf(id: string, exits: readonly Exit[], fitted?: Fitted): number[] {
  return exits.map((_, index) => scoreOf(id, exits.slice(0, index + 1), fitted));
}
