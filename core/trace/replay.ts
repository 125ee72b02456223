import { exitThresholds, type Decision } from '../ladder/decision';
import { NOTHING_FITTED } from '../policies/fitted';
import { availableRecorded, checkNeeds } from '../policies/needs';
import type { Given } from '../policies/policy';
import { type CalibratedTrace, RecordedExit } from './calibrated-trace';

/** A trace scored by one policy: all that does not change when a threshold moves. */
export interface ScoredTrace {
  readonly rows: number;
  readonly layers: number;
  /** The policy's score, `[rows, layers]`; not rounded, so that a score at its threshold falls as it does live. */
  readonly scores: Float64Array;
  /** Predicted labels, `[rows, layers]`. */
  readonly labels: Uint8Array;
  readonly gold: Uint8Array;
}

/**
 * Scores every exit of every row by the policy's own function; linear in rows × layers. A row's seed is its number.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function scoreTrace(
  calibrated: CalibratedTrace,
  { policy, parameters, fitted = NOTHING_FITTED }: Pick<Decision, 'policy' | 'parameters' | 'fitted'>,
): ScoredTrace {
  checkNeeds(policy, availableRecorded(fitted, calibrated.trace));
  const { rows, layers, gold } = calibrated.trace;
  const scores = new Float64Array(rows * layers);
  for (let row = 0; row < rows; row++) {
    const given: Given = { parameters, fitted, sample: { rowSeed: row, gold: gold[row] } };
    const exits: RecordedExit[] = [];
    for (let index = row * layers; index < (row + 1) * layers; index++) {
      exits.push(new RecordedExit(calibrated, index));
      scores[index] = policy.score(exits, given);
    }
  }
  return { rows, layers, scores, labels: calibrated.labels, gold };
}

/** What scores depend on: two decisions with the same key and fit score a trace alike. */
export function scoreKey({ policy, parameters }: Pick<Decision, 'policy' | 'parameters'>): string {
  const shaping = policy.parameters.filter((spec) => spec.shapesScore);
  return [policy.id, ...shaping.map(({ id }) => parameters[id])].join(' ');
}

/** The layer at which each row leaves, `[rows]`: the same thresholds as the live ladder's, on recorded scores. */
export function replay({ rows, layers, scores }: ScoredTrace, decision: Decision): Uint8Array {
  const exitLayers = new Uint8Array(rows);
  const thresholds = exitThresholds(decision);
  const lastLayer = thresholds.length;
  for (let row = 0; row < rows; row++) {
    let layer = 1;
    while (layer < lastLayer && !((scores[row * layers + layer - 1] ?? 0) >= (thresholds[layer - 1] ?? 0))) layer++;
    exitLayers[row] = layer;
  }
  return exitLayers;
}
