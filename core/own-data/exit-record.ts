import { at } from '../numbers/at';
import type { CostParts, CostWeights } from '../cost';
import { TIERS } from '../layers';
import type { Outcome } from '../ladder/outcome';
import { type RunSummary, summariseRows } from '../summary';

/** Where rows left, column by column, all `[rows]`. */
export interface ExitColumns {
  readonly exitLayers: Uint8Array;
  /** The label answered. */
  readonly labels: Uint8Array;
  /** The tier that answered, as an index into `TIERS`. */
  readonly tiers: Uint8Array;
  /** The probability of that label where it was answered. */
  readonly confidences: Float64Array;
  /** In units of one cloud layer. */
  readonly costs: Float64Array;
}

/** Columns of rows, and what their mean cost is made of. */
export interface RecordedExits extends ExitColumns {
  readonly costParts: CostParts;
}

const COLUMNS = ['exitLayers', 'labels', 'tiers', 'confidences', 'costs'] as const;
const COST_PARTS = [...TIERS, 'offloading'] as const;

/** Collects where rows left, in any order. */
export class ExitRecorder {
  readonly #columns: ExitColumns;
  /** Sums over the rows. */
  readonly #costParts = { mobile: 0, edge: 0, cloud: 0, offloading: 0 };
  #count = 0;

  /** `rows` is the most there will be. */
  constructor(rows: number) {
    this.#columns = columnsOf(rows);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes one row; a row that is recorded already stays as it is. */
  add(row: number, { exit, tier, cost, costParts }: Pick<Outcome, 'exit' | 'tier' | 'cost' | 'costParts'>): void {
    if (this.has(row)) return;
    const { exitLayers, labels, tiers, confidences, costs } = this.#columns;
    exitLayers[row] = exit.layer;
    labels[row] = exit.label;
    tiers[row] = TIERS.indexOf(tier);
    confidences[row] = exit.confidence;
    costs[row] = cost;
    for (const part of COST_PARTS) this.#costParts[part] += costParts[part];
    this.#count++;
  }

  has(row: number): boolean {
    return at(this.#columns.exitLayers, row) > 0;
  }

  /** The numbers of the rows recorded, in order. */
  rows(): Uint32Array {
    return Uint32Array.from([...this.#columns.exitLayers.keys()].filter((row) => this.has(row)));
  }

  /** The rows recorded so far, in their order. */
  columns(): RecordedExits {
    const rows = this.rows();
    const picked = columnsOf(rows.length);
    rows.forEach((row, index) => {
      for (const column of COLUMNS) picked[column][index] = at(this.#columns[column], row);
    });
    const { mobile, edge, cloud, offloading } = this.#costParts;
    const mean = (sum: number) => sum / rows.length;
    const costParts = { mobile: mean(mobile), edge: mean(edge), cloud: mean(cloud), offloading: mean(offloading) };
    return { ...picked, costParts };
  }
}

function columnsOf(rows: number): ExitColumns {
  return {
    exitLayers: new Uint8Array(rows),
    labels: new Uint8Array(rows),
    tiers: new Uint8Array(rows),
    confidences: new Float64Array(rows),
    costs: new Float64Array(rows),
  };
}

/** Sums up where rows left; the accuracy, 0 to 1, where they have gold labels. */
export function summariseExits(
  columns: ExitColumns,
  gold: Uint8Array | undefined,
  layers: number,
  weights: CostWeights,
): { readonly summary: RunSummary; readonly accuracy: number | undefined } {
  const right = gold && columns.labels.filter((label, row) => label === gold[row]).length;
  return {
    summary: summariseRows(columns, layers, weights),
    accuracy: right === undefined ? undefined : right / columns.labels.length,
  };
}
