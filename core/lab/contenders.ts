import { ONLINE_POLICIES, type OnlinePolicy } from '../online';
import { POLICIES, type Policy } from '../policies';
import type { Aim } from '../tuning/optimise';
import { priceLearner, tryOnline } from './online-trial';
import { NO_DEV, type Trial, tryPolicy, type TrialSetting, untried } from './policy-trial';

/** What can be compared: policies that are set beforehand, and those that learn on the way. */
export type Contender = Policy | OnlinePolicy;

export const CONTENDERS: readonly Contender[] = [...POLICIES, ...ONLINE_POLICIES];

/** Tries a policy of either kind on what is reported on, with what was chosen for an aim on the calibration split. */
export function tryContender(contender: Contender, setting: TrialSetting, aim: Aim): Trial {
  if (contender.role !== 'learner') return tryPolicy(contender, setting, aim);
  const { evaluation, calibration } = setting;
  const trial = untried(contender, setting);
  if (!evaluation) return { ...trial, missing: NO_DEV, outcome: null };
  const given = { ...setting, evaluation };
  const priced = calibration && priceLearner(contender, given, calibration, aim);
  const { parameters = trial.parameters, isReached = null, expectedLossPoints = null } = priced ?? {};
  const outcome = tryOnline(contender, given, parameters);
  return { ...trial, parameters, isAimReached: isReached, expectedLossPoints, missing: null, outcome };
}
