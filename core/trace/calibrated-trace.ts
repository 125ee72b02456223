import { type LayerIndex, toLayer } from '../layers';
import { at } from '../numbers/at';
import { type Exit, exitAt } from '../exits';
import type { Trace } from './trace-file';

/** A trace with its exits calibrated: what no policy and no parameter changes. */
export interface CalibratedTrace {
  readonly trace: Trace;
  /** Class probabilities, `[rows, layers, classes]`; not rounded, so that a replayed decision is the live one. */
  readonly probabilities: Float64Array;
  /** Predicted labels, `[rows, layers]`. */
  readonly labels: Uint8Array;
}

/** Calibrates every exit of every row; `temperatures` has one entry for every layer. */
export function calibrateTrace(trace: Trace, temperatures: readonly number[]): CalibratedTrace {
  const { rows, layers, classes, logits } = trace;
  const probabilities = new Float64Array(rows * layers * classes);
  const labels = new Uint8Array(rows * layers);
  for (let index = 0; index < rows * layers; index++) {
    const layer = toLayer((index % layers) + 1);
    const exit = exitAt(layer, slice(logits, index * classes, classes), at(temperatures, layer - 1));
    for (let label = 0; label < classes; label++) {
      probabilities[index * classes + label] = exit.probabilities[label] ?? 0;
    }
    labels[index] = exit.label;
  }
  return { trace, probabilities, labels };
}

/** Some rows of a trace, in the order in which they are named, with what replays and learners look at. */
export function takeRows({ trace, probabilities, labels }: CalibratedTrace, rows: Uint32Array): CalibratedTrace {
  const { layers, classes } = trace;
  const columnOf = <Values extends Taken>(values: Values, width: number): Values => {
    const taken = values.slice(0, rows.length * width) as Values;
    rows.forEach((row, index) => taken.set(values.subarray(row * width, (row + 1) * width), index * width));
    return taken;
  };
  const { saturation, poolDistances, dynamicsDistances } = trace;
  return {
    trace: {
      ...trace,
      rows: rows.length,
      logits: columnOf(trace.logits, layers * classes),
      gold: columnOf(trace.gold, 1),
      tokens: columnOf(trace.tokens, 1),
      saturation: saturation && columnOf(saturation, layers),
      poolDistances: poolDistances && columnOf(poolDistances, 3),
      dynamicsDistances: dynamicsDistances && columnOf(dynamicsDistances, 3),
    },
    probabilities: columnOf(probabilities, layers * classes),
    labels: columnOf(labels, layers),
  };
}

type Taken = Float32Array | Float64Array | Uint8Array | Uint16Array;

/** An exit of a trace. Most policies look at label and confidence alone, so the rest is read when asked for. */
export class RecordedExit implements Exit {
  readonly layer: LayerIndex;
  readonly label: number;
  readonly confidence: number;

  /** `index` counts exits over rows and layers. */
  constructor(
    private readonly of: CalibratedTrace,
    private readonly index: number,
  ) {
    const { trace, labels, probabilities } = of;
    this.layer = toLayer((index % trace.layers) + 1);
    // Not by `at` here and in `slice`: a trace has 100,000 exits, and scoring them would take a tenth longer.
    this.label = labels[index] ?? 0;
    this.confidence = probabilities[index * trace.classes + this.label] ?? 0;
  }

  get logits(): readonly number[] {
    return this.#classesOf(this.of.trace.logits);
  }

  get probabilities(): readonly number[] {
    return this.#classesOf(this.of.probabilities);
  }

  get saturation(): number | undefined {
    return this.of.trace.saturation?.[this.index];
  }

  #classesOf(values: Float32Array | Float64Array): readonly number[] {
    const { classes } = this.of.trace;
    return slice(values, this.index * classes, classes);
  }
}

/** A plain loop: `Array.from` on a typed array takes ten times as long, and this runs for every exit of a trace. */
function slice(values: Float32Array | Float64Array, start: number, length: number): number[] {
  const numbers: number[] = [];
  for (let index = start; index < start + length; index++) numbers.push(values[index] ?? 0);
  return numbers;
}
