import { at } from '../numbers/at';
import { type LayerIndex, layersUpTo, type Plan, stretchesOf } from '../layers';
import { spinn } from '../policies/spinn';
import { type Fitted, NOTHING_FITTED } from '../policies/fitted';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { ParameterGrid } from '../tuning/parameter-grid';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { replay, scoreTrace } from '../trace/replay';
import type { Equipment } from './equipment';
import { modelJourney } from './journey';
import type { Access } from './profiles';

/** What split and threshold are looked for. */
export type PlanAim =
  /** The least mean time that is expected to lose at most so many points of accuracy to the last exit. */
  | { readonly kind: 'allowedLoss'; readonly points: number }
  /** What is expected to lose least, of those whose mean time is at most so many milliseconds. */
  | { readonly kind: 'timeLimit'; readonly ms: number };

/** A split and a threshold, and what they do to the trace they were found on. */
export interface JointPlan {
  readonly plan: Plan;
  readonly threshold: number;
  /** False where nothing keeps to the aim: then these come nearest to it. */
  readonly isReached: boolean;
  /** By `expectedLosses`, in points of accuracy to the last exit. */
  readonly expectedLossPoints: number;
  /** Modelled, mean over the rows. */
  readonly meanMs: number;
}

/** Floating-point numbers may miss what they would be on paper by so much. */
const ROUNDING = 1e-9;

/**
 * SPINN's choice: every split and every threshold of the policy `spinn` for which a network and the tiers' speed are known,
 * tried on a recorded trace. Among equally good ones the split with fewer layers on the mobile tier, then the edge, then
 * the lower threshold wins. Offline there is one split, all layers on the mobile tier. Exhaustive and deterministic; report
 * on another trace than the one it was found on.
 */
export function jointPlan(
  calibrated: CalibratedTrace,
  equipment: Equipment,
  access: Access | undefined,
  aim: PlanAim,
  fitted: Fitted = NOTHING_FITTED,
): JointPlan {
  const { layers, rows } = calibrated.trace;
  const points = thresholdPoints(calibrated, fitted);
  const plans = access ? plansOf(layers) : [{ mobileLayers: layers, edgeLayers: layers }];
  const candidates = plans.flatMap((plan) => {
    const times = timesByLayer(plan, layers, equipment, access);
    return points.map((point) => candidateOf(plan, point, meanOf(times, point, rows), aim));
  });
  const best = candidates.reduce((one, other) => (isBetter(other, one) ? other : one));
  const { plan, threshold, isReached, expectedLossPoints, meanMs } = best;
  return { plan, threshold, isReached, expectedLossPoints, meanMs };
}

/** Compared from the first number to the last; the smaller is the better. */
type Rank = readonly [excess: number, first: number, second: number];

interface RankedPlan extends JointPlan {
  readonly rank: Rank;
}

/** What a threshold does to the trace, whatever the split. */
interface ThresholdPoint {
  readonly threshold: number;
  readonly expectedLossPoints: number;
  /** Rows that leave at layer 1, 2, …, and the sum of their tokens. */
  readonly rows: readonly number[];
  readonly tokens: readonly number[];
}

function thresholdPoints(calibrated: CalibratedTrace, fitted: Fitted): ThresholdPoint[] {
  const { layers, tokens } = calibrated.trace;
  const stretches = stretchesOf(spinn.route, { mobileLayers: layers, edgeLayers: layers }, layers);
  const scored = scoreTrace(calibrated, { policy: spinn, parameters: {} });
  const losses = { ...scored, expectedLosses: expectedLosses(scored, fitted) };
  const { values } = at(new ParameterGrid(spinn, layers).axes, 0);
  return values.map((threshold) => {
    const exitLayers = replay(scored, { policy: spinn, parameters: { threshold }, stretches });
    const sums = { rows: new Array<number>(layers).fill(0), tokens: new Array<number>(layers).fill(0) };
    exitLayers.forEach((layer, row) => {
      sums.rows[layer - 1] = at(sums.rows, layer - 1) + 1;
      sums.tokens[layer - 1] = at(sums.tokens, layer - 1) + at(tokens, row);
    });
    return { threshold, expectedLossPoints: 100 * meanLossAt(exitLayers, losses), ...sums };
  });
}

function plansOf(layers: number): Plan[] {
  const counts = Array.from({ length: layers }, (_, index) => index + 1);
  return counts.flatMap((mobileLayers) =>
    counts.filter((edgeLayers) => edgeLayers >= mobileLayers).map((edgeLayers) => ({ mobileLayers, edgeLayers })),
  );
}

/** A journey's time is linear in its tokens: a fixed part and one a token, by the layer where it ends. */
interface Times {
  readonly fixedMs: readonly number[];
  readonly perTokenMs: readonly number[];
}

function timesByLayer(plan: Plan, layers: number, equipment: Equipment, access: Access | undefined): Times {
  const stretches = stretchesOf(spinn.route, plan, layers);
  const timeOf = (exitLayer: LayerIndex, tokens: number) =>
    modelJourney({ stretches, exitLayer, tokens }, equipment, access).latencyMs;
  const all = layersUpTo(layers);
  return {
    fixedMs: all.map((layer) => timeOf(layer, 0)),
    perTokenMs: all.map((layer) => timeOf(layer, 1) - timeOf(layer, 0)),
  };
}

function meanOf({ fixedMs, perTokenMs }: Times, point: ThresholdPoint, rows: number): number {
  let sum = 0;
  for (let index = 0; index < fixedMs.length; index++) {
    sum += at(point.rows, index) * at(fixedMs, index) + at(point.tokens, index) * at(perTokenMs, index);
  }
  return sum / rows;
}

function candidateOf(plan: Plan, point: ThresholdPoint, meanMs: number, aim: PlanAim): RankedPlan {
  const { threshold, expectedLossPoints } = point;
  const missedBy = aim.kind === 'allowedLoss' ? expectedLossPoints - aim.points : meanMs - aim.ms;
  const excess = missedBy > ROUNDING ? missedBy : 0;
  const [first, second] = aim.kind === 'allowedLoss' ? [meanMs, expectedLossPoints] : [expectedLossPoints, meanMs];
  return { plan, threshold, isReached: excess === 0, expectedLossPoints, meanMs, rank: [excess, first, second] };
}

/** Whether one is better by more than rounding; candidates come in the order that decides between equals. */
function isBetter(one: RankedPlan, other: RankedPlan): boolean {
  for (let index = 0; index < one.rank.length; index++) {
    const difference = at(one.rank, index) - at(other.rank, index);
    if (Math.abs(difference) > ROUNDING) return difference < 0;
  }
  return false;
}
