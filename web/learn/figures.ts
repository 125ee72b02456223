import { allCloudCost, costCutPercent, DEFAULT_COSTS } from '../../core/cost';
import { type ExitReliability, exitReliability } from '../../core/lab/reliability';
import { defaultPlan, type LayerIndex, layersUpTo, type Plan, toLayer } from '../../core/layers';
import type { Task } from '../../core/model/manifest';
import { at } from '../../core/numbers/at';
import { calibratedParameters, defaultParameters, policyById, type PolicyParameters } from '../../core/policies';
import { type Decision, decisionIn } from '../../core/policies/decision';
import type { CalibratedTrace } from '../../core/trace/calibrated-trace';
import { evaluate, type Evaluation } from '../../core/trace/evaluate';

/** What one way of stopping does, under the default weights. */
export interface Line {
  readonly savedPercent: number;
  /** 0 to 1. */
  readonly accuracy: number;
  /** To the last exit; below 0 where it is better. */
  readonly lossPoints: number;
}

/** All figures of the route Learn, from the recorded rows of one task. */
export interface LearnFigures {
  readonly rows: number;
  readonly layers: number;
  readonly plan: Plan;
  readonly decision: Decision;
  /** Share of right answers of each exit, layer 1 first. */
  readonly accuracyByLayer: readonly number[];
  /** Confidence at the thresholds that were chosen for the task. */
  readonly method: Evaluation;
  readonly fixed: Line;
  readonly allMobile: Line;
  readonly oracle: Line;
  /** Of the exit after the last layer of this device. */
  readonly lastHere: ExitReliability;
}

/** Confidence as the model's thresholds have it, whatever the person has set, so that the text stays true. */
export function learnFigures(calibrated: CalibratedTrace, task: Pick<Task, 'thresholds'>): LearnFigures {
  const { rows, layers } = calibrated.trace;
  const plan = defaultPlan(layers);
  const decide = (id: string, parameters: PolicyParameters) => {
    const policy = policyById(id);
    return decisionIn({ plan, layers }, policy, { ...defaultParameters(policy, layers), ...parameters });
  };
  const result = (decision: Decision) => evaluate(calibrated, decision, DEFAULT_COSTS);
  const decision = decide('confidence', calibratedParameters(policyById('confidence'), layers, task.thresholds));
  const method = result(decision);
  const depth = method.summary.meanLayers;
  return {
    ...{ rows, layers, plan, decision, method },
    accuracyByLayer: layersUpTo(layers).map((layer) => accuracyAt(calibrated, layer)),
    fixed: lineOf(result(decide('fixed-exit', { depth }))),
    allMobile: lineOf(result(decide('all-mobile', {}))),
    oracle: lineOf(result(decide('oracle', {}))),
    lastHere: exitReliability(calibrated, toLayer(plan.mobileLayers)),
  };
}

export function lineOf({ summary, quality }: Evaluation): Line {
  const { accuracy, accuracyAtLastExit } = quality;
  return { savedPercent: summary.costCutPercent, accuracy, lossPoints: 100 * (accuracyAtLastExit - accuracy) };
}

/** Compute saved, in percent, where a layer of this device has another weight: the exits stay where they are. */
export function savedAt(mobileLayer: number, { method, layers }: Pick<LearnFigures, 'method' | 'layers'>): number {
  return costCutPercent(restOf(method) + mobileLayer * mobileLayersOf(method), layers, DEFAULT_COSTS);
}

/** The weight at which nothing is saved; undefined where this device runs nothing. */
export function breakEven(figures: Pick<LearnFigures, 'method' | 'layers'>): number | undefined {
  const layersHere = mobileLayersOf(figures.method);
  return layersHere > 0
    ? (allCloudCost(figures.layers, DEFAULT_COSTS) - restOf(figures.method)) / layersHere
    : undefined;
}

/** What of the mean cost does not hang on the weight of this device's layers. */
function restOf({ costParts: { edge, cloud, offloading } }: Evaluation): number {
  return edge + cloud + offloading;
}

function mobileLayersOf({ costParts }: Evaluation): number {
  return costParts.mobile / DEFAULT_COSTS.mobileLayer;
}

function accuracyAt({ trace: { rows, layers, gold }, labels }: CalibratedTrace, layer: LayerIndex): number {
  let right = 0;
  for (let row = 0; row < rows; row++) if (at(labels, row * layers + layer - 1) === at(gold, row)) right++;
  return right / rows;
}
