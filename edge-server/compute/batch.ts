import type { Inputs } from '../../core/model/onnx-layers';
import { sharedFloats } from './shared-memory';

/** Rows made one input: padded to the longest with zeros that the mask hides. */
export interface PaddedBatch {
  readonly inputs: Inputs;
  /** Of each row as it is computed. */
  readonly tokens: number;
  /** Of each row as it came. */
  readonly lengths: readonly number[];
}

/**
 * @param rows `[tokens, hidden]` each.
 * @param floats memory for so many numbers, whatever is in it.
 */
export function padded(
  rows: readonly Float32Array[],
  hidden: number,
  floats: (length: number) => Float32Array = (length) => new Float32Array(length),
): PaddedBatch {
  const lengths = rows.map(({ length }) => length / hidden);
  const tokens = Math.max(...lengths);
  // The runtime takes no shared memory, so that the copy is needed without any padding, too.
  const states = floats(rows.length * tokens * hidden);
  const mask = new Int32Array(rows.length * tokens);
  for (const [index, row] of rows.entries()) {
    const start = index * tokens * hidden;
    states.set(row, start);
    states.fill(0, start + row.length, start + tokens * hidden);
    mask.fill(1, index * tokens, index * tokens + row.length / hidden);
  }
  return { inputs: { hidden_state: states, attention_mask: mask }, tokens, lengths };
}

/** The rows of a padded output, each in shared memory of its own: one that is kept must not keep the others. */
export function unpadded(states: Float32Array, { tokens, lengths }: PaddedBatch, hidden: number): Float32Array[] {
  return lengths.map((length, index) => {
    const start = index * tokens * hidden;
    const row = sharedFloats(length * hidden);
    row.set(states.subarray(start, start + length * hidden));
    return row;
  });
}
