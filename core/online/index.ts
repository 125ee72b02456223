import { DimeeError } from '../errors';
import { contextualBandit } from './contextual-bandit';
import { iSplitEE } from './i-split-ee';
import type { OnlinePolicy } from './online-policy';
import { softActorCritic } from './soft-actor-critic';
import { splitEE } from './split-ee';
import { splitEES } from './split-ee-s';
import { ucbThresholds } from './ucb-thresholds';

export type { Arm, OnlinePolicy } from './online-policy';
export { OnlineRun, type OnlineRunOptions, type OnlineStep, type RewardSums } from './online-run';

/** Every policy that learns on the way. */
export const ONLINE_POLICIES: readonly OnlinePolicy[] = [
  splitEE,
  splitEES,
  iSplitEE,
  ucbThresholds,
  contextualBandit,
  softActorCritic,
];

/** @throws DimeeError `BAD_INPUT` for a name that no online policy has. */
export function onlinePolicyById(id: string): OnlinePolicy {
  const policy = ONLINE_POLICIES.find((candidate) => candidate.id === id);
  if (policy) return policy;
  const known = ONLINE_POLICIES.map((candidate) => candidate.id).join(', ');
  throw new DimeeError('BAD_INPUT', `There is no online policy “${id}”. Choose one of: ${known}.`);
}
