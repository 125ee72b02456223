import { ONLINE_POLICIES, type OnlinePolicy } from '../online';
import { POLICIES, type Policy } from '../policies';
import type { Aim } from '../tuning/optimise';
import { tryOnline } from './online-trial';
import { NO_DEV, type Trial, tryPolicy, type TrialSetting, untried } from './policy-trial';

/** What can be compared: policies that are set beforehand, and those that learn on the way. */
export type Contender = Policy | OnlinePolicy;

export const CONTENDERS: readonly Contender[] = [...POLICIES, ...ONLINE_POLICIES];

/** Tries a policy of either kind on what is reported on; the aim is for those alone whose parameters are chosen. */
export function tryContender(contender: Contender, setting: TrialSetting, aim: Aim): Trial {
  if (contender.role !== 'learner') return tryPolicy(contender, setting, aim);
  const { evaluation } = setting;
  return {
    ...untried(contender, setting),
    missing: evaluation ? null : NO_DEV,
    outcome: evaluation ? tryOnline(contender, { ...setting, evaluation }) : null,
  };
}
