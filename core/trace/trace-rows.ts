import { at } from '../numbers/at';
import type { CostWeights } from '../cost';
import { layersUpTo } from '../layers';
import { type Climbed, NOT_CLIMBED, outcomeOf, type Outcome } from '../ladder/outcome';
import type { Decision } from '../policies/decision';
import { type CalibratedTrace, RecordedExit } from './calibrated-trace';
import { factsOf } from './replay';

/** A row of a trace as if it had climbed just now: all exits are known, and nothing of it was timed. */
export function recordedClimb(calibrated: CalibratedTrace, row: number): Climbed {
  const { trace } = calibrated;
  return {
    ...NOT_CLIMBED,
    exits: layersUpTo(trace.layers).map((layer) => new RecordedExit(calibrated, row * trace.layers + layer - 1)),
    tokens: at(trace.tokens, row),
    distances: factsOf(trace, row).distances,
  };
}

/** Where a row of a trace is settled under a decision; its times and bytes are 0, since none were measured. */
export function recordedOutcome(
  climbed: Climbed,
  { trace }: CalibratedTrace,
  row: number,
  decision: Decision,
  costs: CostWeights,
): Outcome | undefined {
  return outcomeOf(climbed, decision, costs, factsOf(trace, row));
}
