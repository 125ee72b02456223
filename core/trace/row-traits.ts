import type { TierName } from '../layers';
import { TIERS } from '../layers';
import type { CalibratedTrace } from './calibrated-trace';
import type { Evaluation } from './evaluate';

/** What is remarkable of a row, as bits of `RowTraits.remarks`. */
export const REMARK = {
  /** Its answer is not what people said. */
  wrong: 1,
  /** Its exits did not all predict the same up to where it was settled. */
  changed: 2,
  /** Its answer is not what all layers say. */
  differs: 4,
} as const;

export type Remark = keyof typeof REMARK;

/** What rows of results are told apart by, column by column, all `[rows]`. */
export interface RowTraits {
  /** Where each was settled; 0 where that is not known yet. */
  readonly layers: Uint8Array;
  /** The tier that answered, as an index into `TIERS`; of no meaning where the layer is 0. */
  readonly tiers: Uint8Array;
  /** Bits of `REMARK`. */
  readonly remarks: Uint8Array;
}

/** Rows that are asked for: those that all of it is true of. */
export interface RowQuery {
  readonly tier?: TierName | undefined;
  readonly layer?: number | undefined;
  readonly remark?: Remark | undefined;
}

/** One settled row, as far as it is known. */
export interface SettledRow {
  /** The label answered. */
  readonly label: number;
  /** Where it was settled, from 1. */
  readonly layer: number;
  /** What each exit predicts, layers 1, 2, … as far as they were run. */
  readonly labels: ArrayLike<number>;
  /** Layers of the whole network. */
  readonly layers: number;
  readonly gold: number | undefined;
}

/** The remarks of one row, as bits. */
export function remarksOf({ label, layer, labels, layers, gold }: SettledRow): number {
  let remarks = 0;
  if (gold !== undefined && label !== gold) remarks |= REMARK.wrong;
  if (labels.length >= layers && labels[layers - 1] !== label) remarks |= REMARK.differs;
  for (let index = 1; index < Math.min(layer, labels.length); index++) {
    if (labels[index] !== labels[0]) return remarks | REMARK.changed;
  }
  return remarks;
}

/** The traits of every row of a trace under a decision. `gold` holds what people said, where anybody did. */
export function traitsOfTrace(
  { trace: { rows, layers }, labels }: CalibratedTrace,
  evaluation: Pick<Evaluation, 'exitLayers' | 'tiers' | 'labels'>,
  gold: Uint8Array | undefined,
): RowTraits {
  const remarks = new Uint8Array(rows);
  // Not by `at` (see there): this runs for every row at every move of a slider.
  for (let row = 0; row < rows; row++) {
    remarks[row] = remarksOf({
      label: evaluation.labels[row] ?? 0,
      layer: evaluation.exitLayers[row] ?? 0,
      labels: labels.subarray(row * layers, (row + 1) * layers),
      layers,
      gold: gold?.[row],
    });
  }
  return { layers: evaluation.exitLayers, tiers: evaluation.tiers, remarks };
}

/** The numbers of the rows that are asked for, in order. */
export function rowsMatching({ layers, tiers, remarks }: RowTraits, { tier, layer, remark }: RowQuery): Uint32Array {
  const [tierIndex, bit] = [tier && TIERS.indexOf(tier), remark && REMARK[remark]];
  const found: number[] = [];
  for (let row = 0; row < layers.length; row++) {
    if (layers[row] === 0) continue;
    if (tierIndex !== undefined && tiers[row] !== tierIndex) continue;
    if (layer !== undefined && layers[row] !== layer) continue;
    if (bit !== undefined && ((remarks[row] ?? 0) & bit) === 0) continue;
    found.push(row);
  }
  return Uint32Array.from(found);
}

/** How many rows there are of each kind. */
export interface TraitCounts {
  readonly settled: number;
  readonly tiers: Readonly<Record<TierName, number>>;
  readonly remarks: Readonly<Record<Remark, number>>;
}

export function countTraits({ layers, tiers, remarks }: RowTraits): TraitCounts {
  const counts = {
    settled: 0,
    tiers: { mobile: 0, edge: 0, cloud: 0 },
    remarks: { wrong: 0, changed: 0, differs: 0 },
  };
  for (let row = 0; row < layers.length; row++) {
    if (layers[row] === 0) continue;
    counts.settled++;
    counts.tiers[TIERS[tiers[row] ?? 0] ?? 'mobile']++;
    for (const remark of ['wrong', 'changed', 'differs'] as const) {
      if (((remarks[row] ?? 0) & REMARK[remark]) !== 0) counts.remarks[remark]++;
    }
  }
  return counts;
}
