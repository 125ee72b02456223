import type { Contender } from '../../../core/lab/contenders';
import { contenderById } from '../../../core/lab/trial-job';
import type { Result, TaskRow } from '../../../core/lab/trial-result';
import type { Aim } from '../../../core/tuning/optimise';
import type { PolicyLine } from './PolicyTable.svelte';

/** Whether anybody could use it as it is set: no baseline, no bound that knows the answers, none that learns on the way. */
export function isMethod({ role }: Pick<Contender, 'role'>): boolean {
  return role === 'method';
}

interface ResultLine {
  readonly row: TaskRow;
  readonly result: Result;
}

/** The best methods by an aim, the best first: those that keep to it on the calibration split before those that do not. */
export function bestOf(lines: readonly PolicyLine[], aim: Aim, most: number): readonly ResultLine[] {
  const found = lines.flatMap(({ row, isCurrent }) =>
    row.result && isCurrent && isMethod(contenderById(row.policy)) ? [{ row, result: row.result }] : [],
  );
  const merit = ({ result }: ResultLine) => (aim.kind === 'allowedLoss' ? result.costCutPercent : -result.lossPoints);
  const misses = ({ row }: ResultLine) => Number(row.isAimReached === false);
  return found.toSorted((one, other) => misses(one) - misses(other) || merit(other) - merit(one)).slice(0, most);
}
