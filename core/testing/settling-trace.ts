import type { Trace } from '../trace/trace-file';

/**
 * Rows of twelve layers whose exits say 0 up to a layer and 1, the right label, from there on. `settled` has that layer by
 * row: 1 for rows that are right at once.
 */
export function settlingTrace(task: string, classes: number, settled: readonly number[]): Trace {
  const rows = settled.length;
  const exit = (label: number) => Array.from({ length: classes }, (_, of) => (of === label ? 2 : 0));
  const logits = settled.map((from) => Array.from({ length: 12 }, (_, index) => exit(index + 1 < from ? 0 : 1)));
  return {
    ...{ task, split: 'any', model: 'fake', rows, layers: 12, classes, isLabelled: true },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(rows).fill(1),
    tokens: new Uint16Array(rows).fill(4),
  };
}
