import { TIERS } from '../../../core/layers';
import { contenderById } from '../../../core/lab/trial-job';
import type { Result, TaskRow } from '../../../core/lab/trial-result';
import { parametersInWords } from '../../../core/lab/trial-words';
import type { PolicyLine } from './PolicyTable.svelte';

export type Column = 'policy' | 'accuracy' | 'loss' | 'costCut' | 'gain' | 'layersSaved' | 'shares' | 'parameters';
export type Direction = 'ascending' | 'descending';

export interface Order {
  readonly column: Column;
  readonly direction: Direction;
}

/** What a column sorts by: text, or a number of a result. */
const KEYS: Readonly<Record<Column, (row: TaskRow, result: Result) => string | number>> = {
  policy: ({ policy }) => contenderById(policy).name,
  accuracy: (_, { accuracy }) => accuracy,
  loss: (_, { lossPoints }) => lossPoints,
  costCut: (_, { costCutPercent }) => costCutPercent,
  gain: (_, { gainPoints }) => gainPoints,
  layersSaved: (_, { layersSaved }) => layersSaved,
  shares: (_, { shares }) => TIERS.reduce((depth, tier, index) => depth + index * shares[tier], 0),
  parameters: ({ policy, parameters }) => parametersInWords(contenderById(policy), parameters),
};

/** The direction that a first click on a column gives: the best first, of texts the first. */
export const FIRST_DIRECTION: Readonly<Record<Column, Direction>> = {
  ...{ policy: 'ascending', accuracy: 'descending', loss: 'ascending', costCut: 'descending', gain: 'descending' },
  ...{ layersSaved: 'descending', shares: 'ascending', parameters: 'ascending' },
};

/** Lines in order; those without a result come last, and equals stay as they were. */
export function sortLines(lines: readonly PolicyLine[], order: Order | undefined): readonly PolicyLine[] {
  if (!order) return lines;
  const sign = order.direction === 'ascending' ? 1 : -1;
  const keyOf = KEYS[order.column];
  return lines.toSorted(({ row: one }, { row: other }) => {
    if (!one.result || !other.result) return Number(!one.result) - Number(!other.result);
    return sign * compareKeys(keyOf(one, one.result), keyOf(other, other.result));
  });
}

function compareKeys(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other), 'en', { numeric: true });
}
