import { type Exit, exitsOf } from '../exits';
import { findExit } from '../policies/decision';
import { type Plan, stretchesOf } from '../layers';
import { type PolicyParameters, resolvePolicy } from '../policies';
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
