import { confidence } from '../policies/confidence';
import { CANDIDATES, type Disagreements } from '../policies/disagreements';
import type { CalibratedTrace } from './calibrated-trace';
import { type ScoredTrace, scoreTrace } from './replay';
import { sweepRising } from './sweep';

/** Rows of a trace that each of the candidates answers otherwise than the last exit, and that it loses to it. */
export function countDisagreements(calibrated: CalibratedTrace): Disagreements {
  const scored = scoreTrace(calibrated, { policy: confidence, parameters: {} });
  const rising = Float64Array.from(CANDIDATES).reverse();
  const points = sweepRising(
    { ...scored, expectedLosses: lostAt(scored) },
    new Array<Float64Array>(scored.layers).fill(rising),
  ).reverse();
  const countOf = (share: number) => Math.round(scored.rows * share);
  return {
    rows: scored.rows,
    counts: points.map(({ quality }) => countOf(1 - quality.agreementWithLastExit)),
    losses: points.map(({ expectedLoss }) => countOf(expectedLoss)),
  };
}

/** 1 where leaving there is wrong and the last exit right, `[rows, layers]`. */
function lostAt({ labels, lastLabels, gold, layers }: ScoredTrace): Float64Array {
  return Float64Array.from(labels, (label, index) => {
    const row = Math.floor(index / layers);
    return Number(lastLabels[row] === gold[row] && label !== gold[row]);
  });
}
