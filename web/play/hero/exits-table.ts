import { TIERS } from '../../../core/layers';
import { csvOf } from '../../../core/own-data/csv';
import type { ExitView } from '../../state/exit-view';

/** The numbers of the hero as CSV: a line for each layer and tier at which rows are settled; shares are of all settled. */
export function csvOfExits({ counts, rows }: Pick<ExitView, 'counts' | 'rows'>): string {
  const lines = TIERS.flatMap((tier) =>
    counts[tier].flatMap((settled, index) => (settled > 0 ? [[index + 1, tier, settled, settled / rows]] : [])),
  );
  return csvOf(['layer', 'tier', 'rows', 'share'], lines);
}
