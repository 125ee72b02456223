import { at } from '../numbers/at';
import { logOdds } from '../numbers/log-odds';
import { fitLogistic, predictLogistic } from '../numbers/logistic';
import { lossExpectedAt } from '../policies/expected-loss';
import type { Fitted } from '../policies/fitted';
import type { ScoredTrace } from './replay';

/** Those of a probability of 0.9999: surer than that no few hundred rows can tell. */
const LARGEST_LOGIT = Math.log(9999);

/**
 * What answering where a row leaves is expected to lose to the last exit, `[rows, layers]`, as a share of one right answer:
 * P(last exit right) − P(this answer right), given the confidence of this answer. What the few rows lose that a threshold
 * lets leave thus follows from a handful of fitted numbers, and not from whether those few happened to be right. Below 0
 * where an earlier answer does better: cut off at 0, noise would count on one side alone.
 * Where the model brings them, these are its own fits, learnt from all tasks together (`PooledLosses` in
 * `training/calibration/expected_losses.py`): cross-fitted on halves of the calibration splits of the shipped model,
 * parameters chosen by them for 0.3 points lose 0.2 to 0.7 on the other halves (by fits of the one task 0.4 to 1.7). An
 * answer made of several exits is judged by its own confidence at the exit where it is given. A model without such fits is
 * judged by two logistic regressions a layer on the rows themselves; 0 where all answers are the last exit's.
 */
export function expectedLosses(scored: ScoredTrace, fitted: Fitted | undefined): Float64Array {
  const pooled = fitted?.data?.expectedLosses;
  if (!pooled) return lossesByOwnRows(scored);
  const losses = new Float64Array(scored.rows * scored.layers);
  for (let index = 0; index < losses.length; index++) {
    const ofExit = pooled[index % scored.layers];
    if (ofExit) losses[index] = lossExpectedAt(ofExit, logOdds(at(scored.confidences, index), LARGEST_LOGIT));
  }
  return losses;
}

function lossesByOwnRows({ rows, layers, labels, confidences, lastLabels, gold }: ScoredTrace): Float64Array {
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
      losses[exitOf(row)] = predictLogistic(last, value) - predictLogistic(here, value);
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
