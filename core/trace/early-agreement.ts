import type { Decision } from '../policies/decision';
import type { CalibratedTrace } from './calibrated-trace';
import { answersAt, replay, scoreTrace } from './replay';

/** Of the rows that leave early, how many there are and how many answer what the last exit does. */
export interface EarlyAgreement {
  readonly rows: number;
  readonly agreed: number;
}

/**
 * How a decision's early answers agree with the last exit on recorded rows: those that leave before the last layer, and
 * after those that a tier further down has run.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function earlyAgreement(calibrated: CalibratedTrace, decision: Decision, enteredAfter: number): EarlyAgreement {
  const scored = scoreTrace(calibrated, decision);
  const exitLayers = replay(scored, decision);
  const answers = answersAt(exitLayers, scored);
  let [rows, agreed] = [0, 0];
  exitLayers.forEach((layer, row) => {
    if (layer <= enteredAfter || layer >= scored.layers) return;
    rows++;
    if (answers[row] === scored.lastLabels[row]) agreed++;
  });
  return { rows, agreed };
}
