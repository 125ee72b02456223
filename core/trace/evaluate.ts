import { at } from '../numbers/at';
import { type CostParts, costPartsAt, type CostWeights, sumOfParts } from '../cost';
import { type Decision, decisionsOfTiers } from '../policies/decision';
import { lastLayerOf, layersUpTo, tierAt, TIERS } from '../layers';
import { type Quality, qualityOfAnswers, type RunSummary, summariseCounts, summariseRows } from '../summary';
import type { CalibratedTrace } from './calibrated-trace';
import { answersAt, replay, type ScoredTrace, scoreKey, scoreTrace } from './replay';
import { sweep } from './sweep';

/** What one decision does to a trace, row by row: the one way from a decision to results, for policies of every kind. */
export interface Evaluation {
  /** The layer at which each row leaves, `[rows]`. */
  readonly exitLayers: Uint8Array;
  /** The label answered, `[rows]`. */
  readonly labels: Uint8Array;
  /** The tier that answered, as an index into `TIERS`, `[rows]`. */
  readonly tiers: Uint8Array;
  /** In units of one cloud layer, `[rows]`. */
  readonly costs: Float64Array;
  /** What the mean cost is made of. */
  readonly costParts: CostParts;
  readonly summary: RunSummary;
  readonly quality: Quality;
}

/** What of it can be had without looking at single rows. */
export type Totals = Pick<Evaluation, 'summary' | 'quality'>;

/**
 * Replays a trace under a decision. Scores are kept with the trace, so that a moved threshold is judged within a frame.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function evaluate(calibrated: CalibratedTrace, decision: Decision, costs: CostWeights): Evaluation {
  const scored = scoresOf(calibrated, decision);
  const exitLayers = replay(scored, decision);
  const labels = answersAt(exitLayers, scored);
  const rows = { exitLayers, ...costsOfRows(scored, exitLayers, decision, costs) };
  return {
    ...{ ...rows, labels },
    summary: summariseRows(rows, scored.layers, costs),
    quality: qualityOfAnswers(labels, scored.lastLabels, scored.gold),
  };
}

/**
 * The same for many decisions in their order, without the rows: neighbours of which only thresholds differ, as when one
 * slider is swept from end to end, are replayed together.
 * @throws DimeeError `BAD_INPUT` where a policy needs what the trace or the model does not have.
 */
export function evaluateAll(
  calibrated: CalibratedTrace,
  decisions: readonly Decision[],
  costs: CostWeights,
): readonly Totals[] {
  if (decisions.some(({ policy }) => policy.tierFor)) {
    return decisions.map((decision) => evaluate(calibrated, decision, costs));
  }
  const points = sweep(calibrated, decisions, (decision) => scoresOf(calibrated, decision));
  return points.map(({ exitsByLayer, quality }, index) => ({
    summary: summariseCounts(exitsByLayer, at(decisions, index).stretches, costs),
    quality,
  }));
}

/** What rows cost that left at these layers, each on its own way. */
function costsOfRows(
  { tiers: chosen }: ScoredTrace,
  exitLayers: Uint8Array,
  decision: Decision,
  weights: CostWeights,
): Pick<Evaluation, 'tiers' | 'costs' | 'costParts'> {
  const whole = chosen && decisionsOfTiers(decision);
  const ways = whole ? TIERS.map((tier) => endsOf(whole[tier], weights)) : [endsOf(decision, weights)];
  const [tiers, costs] = [new Uint8Array(exitLayers.length), new Float64Array(exitLayers.length)];
  const parts = { mobile: 0, edge: 0, cloud: 0, offloading: 0 };
  exitLayers.forEach((layer, row) => {
    const end = ways[chosen?.[row] ?? 0]?.[layer - 1];
    if (!end) throw new RangeError(`Row ${row} left at layer ${layer}, where its way does not come.`);
    tiers[row] = end.tier;
    costs[row] = end.cost;
    for (const part of COST_PARTS) parts[part] += end.parts[part];
  });
  for (const part of COST_PARTS) parts[part] /= exitLayers.length;
  return { tiers, costs, costParts: parts };
}

const COST_PARTS = [...TIERS, 'offloading'] as const;

/** Where and at which cost a sample ends that leaves at layer 1, 2, … */
function endsOf({ stretches }: Decision, weights: CostWeights) {
  return layersUpTo(lastLayerOf(stretches)).map((layer) => {
    const parts = costPartsAt(layer, stretches, weights);
    const tier = TIERS.indexOf(tierAt(stretches, layer));
    return { tier, parts, cost: sumOfParts(parts) };
  });
}

interface Kept {
  readonly key: string;
  readonly fitted: Decision['fitted'];
  readonly scored: ScoredTrace;
}

/** The latest scores of each policy, kept as long as the trace is. */
const kept = new WeakMap<CalibratedTrace, Map<string, Kept>>();

/** A moved slider asks the thresholds alone, unless its parameter shapes the scores. */
function scoresOf(calibrated: CalibratedTrace, decision: Decision): ScoredTrace {
  const ofTrace = kept.get(calibrated) ?? new Map<string, Kept>();
  kept.set(calibrated, ofTrace);
  const [key, { fitted, policy }] = [scoreKey(decision), decision];
  const latest = ofTrace.get(policy.id);
  if (latest?.key === key && latest.fitted === fitted) return latest.scored;
  const scored = scoreTrace(calibrated, decision);
  ofTrace.set(policy.id, { key, fitted, scored });
  return scored;
}
