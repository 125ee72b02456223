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

const COST_PARTS = [...TIERS, 'offloading'] as const;
const COLUMNS = ['exitLayers', 'labels', 'tiers', 'confidences', 'costs'] as const;

/** Where some rows were settled, to be taken by another recorder of the same rows. */
export interface ExitPart {
  readonly rows: Uint32Array;
  readonly columns: ExitColumns;
  /** What each cost is made of, `[rows]`. */
  readonly costParts: Readonly<Record<keyof CostParts, Float64Array>>;
}

/** Collects where rows left, in any order. */
export class ExitRecorder {
  readonly #columns: ExitColumns;
  readonly #costParts: Readonly<Record<keyof CostParts, Float64Array>>;
  #count = 0;

  /** `rows` is the most there will be. */
  constructor(rows: number) {
    this.#columns = columnsOf(rows);
    this.#costParts = partsOf(rows);
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
    for (const part of COST_PARTS) this.#costParts[part][row] = costParts[part];
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
    const { columns, costParts } = this.part(this.rows());
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const { mobile, edge, cloud, offloading } = costParts;
    return {
      ...columns,
      costParts: { mobile: mean(mobile), edge: mean(edge), cloud: mean(cloud), offloading: mean(offloading) },
    };
  }

  /** What is recorded of these rows; all of them must be. */
  part(rows: Uint32Array): ExitPart {
    const [columns, costParts] = [columnsOf(rows.length), partsOf(rows.length)];
    rows.forEach((row, index) => {
      for (const column of COLUMNS) columns[column][index] = at(this.#columns[column], row);
      for (const part of COST_PARTS) costParts[part][index] = at(this.#costParts[part], row);
    });
    return { rows, columns, costParts };
  }

  take({ rows, columns, costParts }: ExitPart): void {
    rows.forEach((row, index) => {
      if (this.has(row)) return;
      for (const column of COLUMNS) this.#columns[column][row] = at(columns[column], index);
      for (const part of COST_PARTS) this.#costParts[part][row] = at(costParts[part], index);
      this.#count++;
    });
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

function partsOf(rows: number): Record<keyof CostParts, Float64Array> {
  const zeros = () => new Float64Array(rows);
  return { mobile: zeros(), edge: zeros(), cloud: zeros(), offloading: zeros() };
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
