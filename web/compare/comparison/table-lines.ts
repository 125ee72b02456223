import type { Contender } from '../../../core/lab/contenders';
import { type Contrast, contrastOf } from '../../../core/lab/contrast';
import { contenderById } from '../../../core/lab/trial-job';
import type { Result } from '../../../core/lab/trial-result';
import type { Aim } from '../../../core/tuning/optimise';
import type { PolicyLine } from './PolicyTable.svelte';

/** Whether anybody could use it as it is set: no baseline, no bound that knows the answers, none that learns on the way. */
export function isMethod({ role }: Pick<Contender, 'role'>): boolean {
  return role === 'method';
}

interface ResultLine extends PolicyLine {
  readonly result: Result;
}

/**
 * Methods in the order of an aim: those that keep to it on the calibration split before those that do not, then by what
 * is saved or lost. Which of them chance may have put there, `contrastsOf` says.
 */
export function inOrder(
  lines: readonly PolicyLine[],
  aim: Aim,
  most = Number.POSITIVE_INFINITY,
): readonly ResultLine[] {
  const found = lines.flatMap((line) => {
    const { result, policy } = line.row;
    return result && isMethod(contenderById(policy)) ? [{ ...line, result }] : [];
  });
  const merit = ({ result }: ResultLine) => (aim.kind === 'allowedLoss' ? result.costCutPercent : -result.lossPoints);
  const misses = ({ row }: ResultLine) => Number(row.isAimReached === false);
  return found.toSorted((one, other) => misses(one) - misses(other) || merit(other) - merit(one)).slice(0, most);
}

/**
 * By policy: how methods differ from the one that is first in the order of the aim, as far as both are measured for what
 * is set now. The first itself is left out.
 */
export function contrastsOf(lines: readonly PolicyLine[], aim: Aim): ReadonlyMap<string, Contrast> {
  const [first, ...others] = inOrder(
    lines.filter(({ isCurrent }) => isCurrent),
    aim,
  );
  if (!first) return new Map();
  const contrasts = others.flatMap(({ row, measured }) => {
    const contrast = contrastOf(first.measured, measured);
    return contrast ? [[row.policy, contrast] as const] : [];
  });
  return new Map(contrasts);
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
 * knows the answers. At first the first methods alone, and none that learns.
 */
export function groupLines(lines: readonly PolicyLine[], aim: Aim, showsAll: boolean): readonly LineGroup[] {
  const first = new Set(inOrder(lines, aim, showsAll ? undefined : MOST_AT_FIRST).map(({ row }) => row));
  const ofRole = (role: LineGroup['role']) => lines.filter(({ row }) => contenderById(row.policy).role === role);
  const byMerit = [...first].flatMap((row) => lines.find((line) => line.row === row) ?? []);
  const rest = ofRole('method').filter(({ row }) => !first.has(row));
  const groups: readonly LineGroup[] = [
    { role: 'method', lines: showsAll ? [...byMerit, ...rest] : byMerit },
    { role: 'learner', lines: showsAll ? ofRole('learner') : [] },
    { role: 'baseline', lines: ofRole('baseline') },
    { role: 'oracle', lines: ofRole('oracle') },
  ];
  return groups.filter((group) => group.lines.length > 0);
}
