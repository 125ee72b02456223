import { at } from '../numbers/at';
import type { CalibratedTrace } from '../trace/calibrated-trace';

/**
 * By row, in points: what answers are right more often than those of tiers drawn at random, each with the share of the
 * rows that it has here. This is what a policy that chooses a tier for each sample beforehand has to beat; its mean costs
 * are the same. Expected over all draws, so that no draw's luck is in it. `exitLayers`: where rows left, `[rows]`.
 */
export function gainsOverRandomTiers(
  { trace: { rows, layers, gold }, labels }: CalibratedTrace,
  exitLayers: Uint8Array,
): Float64Array {
  const shares = new Map<number, number>();
  for (const layer of exitLayers) shares.set(layer, (shares.get(layer) ?? 0) + 1 / rows);
  const isRight = (row: number, layer: number) => Number(at(labels, row * layers + layer - 1) === at(gold, row));
  return Float64Array.from(exitLayers, (exit, row) => {
    let expected = 0;
    for (const [layer, share] of shares) expected += share * isRight(row, layer);
    return 100 * (isRight(row, exit) - expected);
  });
}
