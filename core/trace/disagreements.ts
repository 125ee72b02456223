import { confidence } from '../policies/confidence';
import { CANDIDATES, type Disagreements } from '../policies/disagreements';
import type { CalibratedTrace } from './calibrated-trace';
import { scoreTrace } from './replay';
import { sweepRising } from './sweep';

/** Rows of a trace that each of the candidates answers otherwise than the last exit. */
export function countDisagreements(calibrated: CalibratedTrace): Disagreements {
  const scored = scoreTrace(calibrated, { policy: confidence, parameters: {} });
  const rising = Float64Array.from(CANDIDATES).reverse();
  const points = sweepRising(scored, new Array<Float64Array>(scored.layers).fill(rising));
  const counts = points.map(({ quality }) => Math.round(scored.rows * (1 - quality.agreementWithLastExit)));
  return { rows: scored.rows, counts: counts.reverse() };
}
