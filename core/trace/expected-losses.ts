import { at } from '../numbers/at';
import { logOdds } from '../numbers/log-odds';
import { fitLogistic, predictLogistic } from '../numbers/logistic';
import type { ScoredTrace } from './replay';

/** Those of a probability of 0.9999: surer than that no few hundred rows can tell. */
const LARGEST_LOGIT = Math.log(9999);

/**
 * What answering where a row leaves is expected to lose to the last exit, `[rows, layers]`, as a share of one right answer:
 * P(last exit right) − P(this answer right), given the confidence of this answer. Two logistic regressions a layer on
 * ln(p / (1 − p)), fitted to the rows themselves; 0 where all answers are the last exit's. What the few rows lose that a
 * threshold lets leave thus follows from four numbers of the layer, and not from whether those few happened to be right.
 * Nowhere below 0, unlike in `training/calibration/thresholds.py`, whose fits these are: that an earlier answer does better than the
 * last is mostly noise of few rows.
 * A policy that combines exits is judged by the confidence of its combined answer, also at the last layer, where that may
 * be another than the last exit's. Cross-fitted on the calibration splits of the shipped model, parameters chosen by these
 * losses lose less than by counted ones on rows that had no part in it, and nearer to what was allowed.
 */
export function expectedLosses(scored: ScoredTrace): Float64Array {
  const { rows, layers, labels, confidences, lastLabels, gold } = scored;
  const losses = new Float64Array(rows * layers);
  const isLastRight = lastLabels.map((label, row) => Number(label === gold[row]));
  for (let layer = 1; layer <= layers; layer++) {
    const exitOf = (row: number) => row * layers + layer - 1;
    if (lastLabels.every((label, row) => label === labels[exitOf(row)])) continue;
    const logits = Float64Array.from({ length: rows }, (_, row) =>
      logOdds(at(confidences, exitOf(row)), LARGEST_LOGIT),
    );
    const isRight = Uint8Array.from({ length: rows }, (_, row) => Number(labels[exitOf(row)] === gold[row]));
    const [last, here] = [fitLogistic(logits, isLastRight), fitLogistic(logits, isRight)];
    logits.forEach((value, row) => {
      losses[exitOf(row)] = Math.max(predictLogistic(last, value) - predictLogistic(here, value), 0);
    });
  }
  return losses;
}

/** Their mean over rows that leave at these layers, `[rows]`; NaN where the trace was scored without them. */
export function meanLossAt(exitLayers: Uint8Array, { layers, expectedLosses: losses }: ScoredTrace): number {
  if (!losses) return Number.NaN;
  const sum = exitLayers.reduce((some, layer, row) => some + at(losses, row * layers + layer - 1), 0);
  return sum / exitLayers.length;
}
