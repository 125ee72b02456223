import { at } from '../numbers/at';
import { type Decision, decisionsOfTiers, exitThresholds } from '../policies/decision';
import { argmax } from '../exits';
import { lastLayerOf, TIERS } from '../layers';
import { NOTHING_FITTED } from '../policies/fitted';
import { availableRecorded, checkNeeds } from '../policies/needs';
import type { ScoreInputs, SampleFacts } from '../policies/policy';
import { type CalibratedTrace, RecordedExit } from './calibrated-trace';
import type { Trace } from './trace-file';

/** A trace scored by one policy: all that does not change when a threshold moves. */
export interface ScoredTrace {
  readonly rows: number;
  readonly layers: number;
  /** The policy's score, `[rows, layers]`; not rounded, so that a score at its threshold falls as it does live. */
  readonly scores: Float64Array;
  /** The label answered where a row leaves, `[rows, layers]`. */
  readonly labels: Uint8Array;
  /** The probability that the policy gives that label, `[rows, layers]`. */
  readonly confidences: Float64Array;
  /** What the last exit alone says, `[rows]`. */
  readonly lastLabels: Uint8Array;
  readonly gold: Uint8Array;
  /** The tier that each row goes to whole, as an index into `TIERS`, `[rows]`, where the policy chooses one. */
  readonly tiers?: Uint8Array;
  /** `expectedLosses` of it, where somebody goes by them. */
  readonly expectedLosses?: Float64Array;
}

/** What scores are made of. Policies that see tiers need the stretches, too. */
type Scoring = Pick<Decision, 'policy' | 'parameters' | 'fitted'> & Partial<Pick<Decision, 'stretches'>>;

/**
 * Scores every exit of every row by the policy's own function; linear in rows × layers. A row's seed is its number.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function scoreTrace(calibrated: CalibratedTrace, scoring: Scoring): ScoredTrace {
  const { policy, parameters, stretches = [], fitted = NOTHING_FITTED } = scoring;
  checkNeeds(policy, availableRecorded(fitted, calibrated.trace));
  const { rows, layers, gold } = calibrated.trace;
  const [scores, confidences] = [new Float64Array(rows * layers), new Float64Array(rows * layers)];
  const labels = policy.predict ? calibrated.labels.slice() : calibrated.labels;
  const tiers = policy.tierFor && new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const given: ScoreInputs = { parameters, fitted, stretches, sample: factsOf(calibrated.trace, row) };
    const tier = policy.tierFor?.(given.sample, fitted);
    if (tiers && tier) tiers[row] = TIERS.indexOf(tier);
    const exits: RecordedExit[] = [];
    for (let index = row * layers; index < (row + 1) * layers; index++) {
      const exit = new RecordedExit(calibrated, index);
      exits.push(exit);
      scores[index] = policy.score(exits, given);
      const answer = policy.predict?.(exits, given);
      if (answer) labels[index] = argmax(answer);
      confidences[index] = answer ? Math.max(...answer) : exit.confidence;
    }
  }
  const lastLabels = lastLabelsOf(calibrated);
  return { rows, layers, scores, labels, confidences, lastLabels, gold, ...(tiers && { tiers }) };
}

/** What a trace knows of a row besides its exits. */
export function factsOf({ gold, poolDistances, dynamicsDistances }: Trace, row: number): SampleFacts {
  const ofRow = (distances: Float32Array | undefined) => distances?.subarray(3 * row, 3 * row + 3);
  return {
    rowSeed: row,
    gold: gold[row],
    distances: { dimee: ofRow(poolDistances), dimecDc: ofRow(dynamicsDistances) },
  };
}

/** What the last exit alone says, `[rows]`. */
export function lastLabelsOf({ trace: { rows, layers }, labels }: CalibratedTrace): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => at(labels, (row + 1) * layers - 1));
}

/** What scores depend on: two decisions with the same key and fit score a trace alike. */
export function scoreKey({ policy, parameters, stretches = [] }: Omit<Scoring, 'fitted'>): string {
  const shaping = policy.parameters.filter((spec) => spec.shapesScore);
  const ends = policy.seesTiers ? stretches.map(({ tier, lastLayer }) => `${tier} ${lastLayer}`) : [];
  return [policy.id, ...shaping.map(({ id }) => parameters[id]), ...ends].join(' ');
}

/** The layer at which each row leaves, `[rows]`: the same thresholds as the live ladder's, on recorded scores. */
export function replay(scored: ScoredTrace, decision: Decision): Uint8Array {
  const { rows, layers, scores, tiers } = scored;
  if (tiers) return endsOfTiers(tiers, decision);
  const exitLayers = new Uint8Array(rows);
  const thresholds = exitThresholds(decision);
  const lastLayer = thresholds.length;
  for (let row = 0; row < rows; row++) {
    let layer = 1;
    // Not by `at` (see there): this runs for every exit at every move of a slider.
    while (layer < lastLayer && !((scores[row * layers + layer - 1] ?? 0) >= (thresholds[layer - 1] ?? 0))) layer++;
    exitLayers[row] = layer;
  }
  return exitLayers;
}

/** The label that each row is answered with which leaves there, `[rows]`. */
export function answersAt(
  exitLayers: Uint8Array,
  { labels, layers }: Pick<ScoredTrace, 'labels' | 'layers'>,
): Uint8Array {
  return exitLayers.map((layer, row) => labels[row * layers + layer - 1] ?? 0);
}

/** Where rows leave that each go whole to a tier of their own. */
function endsOfTiers(tiers: Uint8Array, decision: Decision): Uint8Array {
  const whole = decisionsOfTiers(decision);
  const ends = TIERS.map((tier) => lastLayerOf(whole[tier].stretches));
  return tiers.map((tier) => at(ends, tier));
}
