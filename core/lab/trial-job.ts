import { byId } from '../by-id';
import { at } from '../numbers/at';
import type { Aim } from '../tuning/optimise';
import { type Contender, CONTENDERS, tryContender } from './contenders';
import type { LabSetting } from './setting';
import { measure, type Measured, type TaskRow } from './trial-result';

/** Points of accuracy that are given up for less cost, unless somebody says otherwise. */
export const DEFAULT_ALLOWED_LOSS = 0.3;

/** One line of the Lab's table: a policy, and what its parameters are chosen for. */
export interface TrialJob {
  readonly policy: string;
  readonly aim: Aim;
}

/**
 * Chooses a policy's parameters on the calibration split and measures it: the same as its line of `compare`.
 * @throws DimeeError `BAD_INPUT` for a policy that there is not.
 */
export function measuredFor(setting: LabSetting, { policy, aim }: TrialJob): Measured {
  const trial = tryContender(contenderById(policy), setting, aim);
  return at(measure(setting.evaluation.trace.task, [trial]), 0);
}

/** Its line alone. @throws DimeeError likewise. */
export function rowOf(setting: LabSetting, job: TrialJob): TaskRow {
  return measuredFor(setting, job).row;
}

/** @throws DimeeError `BAD_INPUT` for a policy that there is not. */
export function contenderById(id: string): Contender {
  return byId(CONTENDERS, id, 'policy');
}
