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
  const found = lines.flatMap(({ row }) =>
    row.result && isMethod(contenderById(row.policy)) ? [{ row, result: row.result }] : [],
  );
  const merit = ({ result }: ResultLine) => (aim.kind === 'allowedLoss' ? result.costCutPercent : -result.lossPoints);
  const misses = ({ row }: ResultLine) => Number(row.isAimReached === false);
  return found.toSorted((one, other) => misses(one) - misses(other) || merit(other) - merit(one)).slice(0, most);
}

/** A part of the table: policies of one kind. */
export interface LineGroup {
  readonly role: Contender['role'];
  readonly lines: readonly PolicyLine[];
}

/** Methods that stand in the table before all are asked for. */
export const MOST_AT_FIRST = 8;

/**
 * The table in parts: methods, those that learn on the way, and apart from them what all must beat and the bound that
 * knows the answers. At first the best methods alone, and none that learns.
 */
export function groupLines(lines: readonly PolicyLine[], aim: Aim, showsAll: boolean): readonly LineGroup[] {
  const best = new Set(bestOf(lines, aim, showsAll ? Number.POSITIVE_INFINITY : MOST_AT_FIRST).map(({ row }) => row));
  const ofRole = (role: LineGroup['role']) => lines.filter(({ row }) => contenderById(row.policy).role === role);
  const byMerit = [...best].flatMap((row) => lines.find((line) => line.row === row) ?? []);
  const rest = ofRole('method').filter(({ row }) => !best.has(row));
  const groups: readonly LineGroup[] = [
    { role: 'method', lines: showsAll ? [...byMerit, ...rest] : byMerit },
    { role: 'learner', lines: showsAll ? ofRole('learner') : [] },
    { role: 'baseline', lines: ofRole('baseline') },
    { role: 'oracle', lines: ofRole('oracle') },
  ];
  return groups.filter((group) => group.lines.length > 0);
}
