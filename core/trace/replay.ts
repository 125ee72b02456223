import { type Exit, exitAt } from '../exits';
import { type Decision, exitRuleAt } from '../ladder/decision';
import type { Policy } from '../policies';
import type { Task } from '../model/manifest';
import type { Trace } from './trace-file';

/** A trace made ready for one policy: all that does not change when a parameter moves. */
export interface PreparedTrace {
  readonly rows: number;
  readonly layers: number;
  /** The policy's score, `[rows, layers]`; not rounded, so that a score at its threshold falls as it does live. */
  readonly scores: Float64Array;
  /** Predicted labels, `[rows, layers]`. */
  readonly labels: Uint8Array;
  readonly gold: Uint8Array;
}

/** Scores every exit of every row by the policy's own function; linear in rows × layers. */
export function prepareTrace(trace: Trace, task: Task, policy: Policy): PreparedTrace {
  const { rows, layers, gold } = trace;
  const scores = new Float64Array(rows * layers);
  const labels = new Uint8Array(rows * layers);
  for (let row = 0; row < rows; row++) {
    const exits: Exit[] = [];
    for (let layer = 1; layer <= layers; layer++) {
      const exit = exitAt(layer, logitsAt(trace, row, layer), task.temperatures[layer - 1] ?? 1);
      exits.push(exit);
      const index = row * layers + layer - 1;
      labels[index] = exit.label;
      scores[index] = policy.score(exits);
    }
  }
  return { rows, layers, scores, labels, gold };
}

/** The layer at which each row leaves, `[rows]`: the same rule as the live ladder's, asked of recorded scores. */
export function replay({ rows, layers, scores }: PreparedTrace, decision: Decision): Uint8Array {
  const exitLayers = new Uint8Array(rows);
  const rules = Array.from({ length: layers }, (_, index) => exitRuleAt(index + 1, decision));
  for (let row = 0; row < rows; row++) {
    let layer = 1;
    while (layer < layers && !rules[layer - 1]?.(scores[row * layers + layer - 1] ?? 0)) layer++;
    exitLayers[row] = layer;
  }
  return exitLayers;
}

function logitsAt({ logits, layers, classes }: Trace, row: number, layer: number): number[] {
  const start = (row * layers + layer - 1) * classes;
  return Array.from(logits.subarray(start, start + classes));
}
