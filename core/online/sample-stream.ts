import { at } from '../numbers/at';
import { drawLot } from '../numbers/lots';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { RecordedSample } from './online-policy';
import { simulatedNetwork } from './simulated-network';

/** A row of the trace; what it met on its way is added when it is streamed. */
export type RecordedRow = Omit<RecordedSample, 'network'>;

/** A row and when it came. */
export interface StreamedSample {
  readonly row: number;
  readonly sample: RecordedSample;
}

/** `mobileLayers`: after which `deviceConfidence` is that of the last exit there. */
export function rowsOf(
  { trace, probabilities, labels }: CalibratedTrace,
  mobileLayers: number,
): readonly RecordedRow[] {
  const { rows, layers, classes, tokens, gold, poolDistances } = trace;
  return Array.from({ length: rows }, (_, row) => {
    const rowLabels = labels.subarray(row * layers, (row + 1) * layers);
    const confidences = new Float64Array(layers);
    for (let index = 0; index < layers; index++) {
      confidences[index] = at(probabilities, (row * layers + index) * classes + at(rowLabels, index));
    }
    return {
      tokens: at(tokens, row),
      firstConfidence: at(confidences, 0),
      deviceConfidence: at(confidences, mobileLayers - 1),
      poolDistances: poolDistances?.subarray(row * 3, row * 3 + 3),
      confidences,
      labels: rowLabels,
      gold: at(gold, row),
    };
  });
}

/**
 * All rows of a pass in random order, then those of the next in another, without end, through a simulated network. The same
 * seed gives the same stream.
 */
export function* streamOf(
  rowsOfPass: (pass: number) => readonly RecordedRow[],
  seed: number,
): Generator<StreamedSample, never> {
  const network = simulatedNetwork(seed);
  for (let pass = 0; ; pass++) {
    const rows = rowsOfPass(pass);
    for (const row of shuffled(rows.length, seed, pass)) {
      const recorded = rows[row];
      if (recorded) yield { row, sample: { ...recorded, network: network() } };
    }
  }
}

/** The rows in random order for the seed and pass (Fisher and Yates). */
function shuffled(rows: number, seed: number, pass: number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(drawLot(seed, pass, last) * (last + 1));
    [order[last], order[other]] = [at(order, other), at(order, last)];
  }
  return order;
}
