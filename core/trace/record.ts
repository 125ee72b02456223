import { f16round } from '@petamoriken/float16';
import { at } from '../numbers/at';
import { DimeeError } from '../errors';
import { argmax } from '../exits';
import type { InferResult } from '../ladder/tier';
import type { PolicyChoice } from '../policies';
import type { PoolKind } from '../policies/pool-distances';
import type { Trace } from './trace-file';

/** Easy, moderate and hard. */
const POOLS = 3;
/** Distances to them that nobody measured. */
const UNKNOWN = new Array<number>(POOLS).fill(Number.NaN);

/** What is known of a recording besides its rows. */
export type Recorded = Pick<Trace, 'task' | 'split' | 'model' | 'modelHash'>;

/**
 * A policy that leaves at the last layer alone, so that all exits are seen; on the way it has every tier measure how much
 * each layer turns the hidden state.
 */
export const EVERY_EXIT: PolicyChoice = {
  id: 'saturation',
  parameters: { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 },
};

export interface RecordingShape {
  /** The most rows there will be. */
  readonly rows: number;
  readonly layers: number;
  readonly classes: number;
}

/** What every exit said of some rows, to be taken by another recorder of the same shape. */
export interface RecordedPart {
  readonly rows: Uint32Array;
  /** `[rows, layers, classes]`, `[rows, layers]`, and `[rows, 3]` of each kind of pools. */
  readonly logits: Float32Array;
  readonly saturation: Float32Array;
  readonly distances: Readonly<Record<PoolKind, Float32Array>>;
  readonly tokens: Uint16Array;
}

/**
 * Collects what every exit said of rows, in any order, and makes a trace of those there are. Numbers are rounded to
 * float16 at once, as a trace's file keeps them: what is shown now is what the file will show.
 */
export class TraceRecorder {
  readonly #logits: Float32Array;
  readonly #saturation: Float32Array;
  /** To the centroids of each kind of pools, `[rows, 3]`. */
  readonly #distances: Readonly<Record<PoolKind, Float32Array>>;
  readonly #tokens: Uint16Array;
  readonly #isKnown: Uint8Array;
  #count = 0;

  constructor(private readonly shape: RecordingShape) {
    const { rows, layers, classes } = shape;
    this.#logits = new Float32Array(rows * layers * classes);
    this.#saturation = new Float32Array(rows * layers);
    this.#distances = { dimee: new Float32Array(rows * POOLS), dimecDc: new Float32Array(rows * POOLS) };
    this.#tokens = new Uint16Array(rows);
    this.#isKnown = new Uint8Array(rows);
  }

  /** Rows recorded. */
  get count(): number {
    return this.#count;
  }

  has(row: number): boolean {
    return this.#isKnown[row] === 1;
  }

  /**
   * Takes one row with the steps of all its layers; a row that is recorded already stays as it is.
   * @throws DimeeError `BAD_INPUT` where a layer is missing or there are other classes.
   */
  add(row: number, { steps, tokens, distances }: Pick<InferResult, 'steps' | 'tokens' | 'distances'>): void {
    const { layers, classes } = this.shape;
    const isWhole = steps.length === layers && steps.every((step, index) => step.layer === index + 1);
    if (!isWhole || steps.some(({ logits }) => logits.length !== classes)) {
      const problem = `A recorded row needs ${classes} logits of each of ${layers} layers; ${steps.length} came.`;
      throw new DimeeError('BAD_INPUT', problem);
    }
    if (this.has(row)) return;
    steps.forEach(({ logits, saturation = Number.NaN }, index) => {
      this.#logits.set(logits.map(f16round), (row * layers + index) * classes);
      this.#saturation[row * layers + index] = f16round(saturation);
    });
    for (const kind of ['dimee', 'dimecDc'] as const) {
      this.#distances[kind].set(Array.from(distances?.[kind] ?? UNKNOWN, f16round), row * POOLS);
    }
    this.#tokens[row] = tokens;
    this.#isKnown[row] = 1;
    this.#count++;
  }

  /** The numbers of the rows recorded, in order. */
  rows(): Uint32Array {
    return Uint32Array.from([...this.#isKnown.keys()].filter((row) => this.has(row)));
  }

  /** What is recorded of these rows; all of them must be. */
  part(rows: Uint32Array): RecordedPart {
    const { layers, classes } = this.shape;
    return {
      rows,
      logits: picked(this.#logits, rows, layers * classes),
      saturation: picked(this.#saturation, rows, layers),
      distances: {
        dimee: picked(this.#distances.dimee, rows, POOLS),
        dimecDc: picked(this.#distances.dimecDc, rows, POOLS),
      },
      tokens: Uint16Array.from(rows, (row) => at(this.#tokens, row)),
    };
  }

  take({ rows, logits, saturation, distances, tokens }: RecordedPart): void {
    const { layers, classes } = this.shape;
    rows.forEach((row, index) => {
      if (this.has(row)) return;
      put(this.#logits, row, layers * classes, logits, index);
      put(this.#saturation, row, layers, saturation, index);
      for (const kind of ['dimee', 'dimecDc'] as const) put(this.#distances[kind], row, POOLS, distances[kind], index);
      this.#tokens[row] = at(tokens, index);
      this.#isKnown[row] = 1;
      this.#count++;
    });
  }

  /**
   * A trace of the rows recorded so far, in their order. `gold` has the label of every row, recorded or not; without it
   * the last exit's label stands in.
   * @throws DimeeError `BAD_INPUT` where no row is recorded yet.
   */
  trace(about: Recorded, gold: Uint8Array | undefined): Trace {
    const { layers, classes } = this.shape;
    const rows = this.rows();
    if (rows.length === 0) throw new DimeeError('BAD_INPUT', 'No row has been run to its last exit yet.');
    const logits = picked(this.#logits, rows, layers * classes);
    const measured = (column: keyof Trace, values: Float32Array, width: number) => {
      const found = picked(values, rows, width);
      return found.some(Number.isNaN) ? {} : { [column]: found };
    };
    const labels = gold && Uint8Array.from(rows, (row) => at(gold, row));
    return {
      ...{ ...about, rows: rows.length, layers, classes, isLabelled: gold !== undefined, logits },
      gold: labels ?? lastLabels({ logits, rows: rows.length, layers, classes }),
      tokens: Uint16Array.from(rows, (row) => at(this.#tokens, row)),
      ...measured('saturation', this.#saturation, layers),
      ...measured('poolDistances', this.#distances.dimee, POOLS),
      ...measured('dynamicsDistances', this.#distances.dimecDc, POOLS),
    };
  }
}

/** Puts the stretch of one row of `from` where that of another row of `to` is. */
function put(to: Float32Array, toRow: number, width: number, from: Float32Array, fromRow: number): void {
  to.set(from.subarray(fromRow * width, (fromRow + 1) * width), toRow * width);
}

/** The stretches of `width` numbers that belong to some rows, one after another. */
function picked(values: Float32Array, rows: Uint32Array, width: number): Float32Array {
  const found = new Float32Array(rows.length * width);
  rows.forEach((row, index) => found.set(values.subarray(row * width, (row + 1) * width), index * width));
  return found;
}

/** What the last exit says of each row. Temperatures do not change which class is the most probable. */
export function lastLabels({
  logits,
  rows,
  layers,
  classes,
}: Pick<Trace, 'logits' | 'rows' | 'layers' | 'classes'>): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => {
    const end = (row + 1) * layers * classes;
    return argmax(logits.subarray(end - classes, end));
  });
}
