import { byId } from '../by-id';
import { contextualBandit } from './contextual-bandit';
import { hiLcb } from './hi-lcb';
import { iSplitEE } from './i-split-ee';
import type { OnlinePolicy } from './online-policy';
import { softActorCritic } from './soft-actor-critic';
import { splitEE, splitEEPaper } from './split-ee';
import { splitEES } from './split-ee-s';
import { ucbThresholds } from './ucb-thresholds';

export type { Arm, OnlinePolicy } from './online-policy';
export { OnlineRun, type OnlineRunOptions, type OnlineStep, type RewardSums } from './online-run';

/** Every policy that learns on the way. */
export const ONLINE_POLICIES: readonly OnlinePolicy[] = [
  splitEE,
  splitEEPaper,
  splitEES,
  iSplitEE,
  ucbThresholds,
  hiLcb,
  contextualBandit,
  softActorCritic,
];

/** @throws DimeeError `BAD_INPUT` for a name that no online policy has. */
export function onlinePolicyById(id: string): OnlinePolicy {
  return byId(ONLINE_POLICIES, id, 'online policy');
}
