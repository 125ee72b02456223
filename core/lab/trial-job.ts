import { DimeeError } from '../errors';
import type { Aim } from '../tuning/optimise';
import { type Contender, CONTENDERS, tryContender } from './contenders';
import type { LabSetting } from './setting';
import { measure, type TaskRow } from './trial-result';

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
export function rowOf(setting: LabSetting, { policy, aim }: TrialJob): TaskRow {
  const trial = tryContender(contenderById(policy), setting, aim);
  const [measured] = measure(setting.evaluation.trace.task, [trial]);
  if (!measured) throw new Error('One trial is measured as one row.');
  return measured.row;
}

/** @throws DimeeError `BAD_INPUT` for a policy that there is not. */
export function contenderById(id: string): Contender {
  const contender = CONTENDERS.find((candidate) => candidate.id === id);
  if (contender) return contender;
  throw new DimeeError('BAD_INPUT', `There is no policy “${id}” to compare.`);
}
