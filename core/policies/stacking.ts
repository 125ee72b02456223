import { at } from '../numbers/at';
import type { LayerIndex } from '../layers';
import type { CalibrationExits } from './fitted';

// Loops over all rows read `?? 0` and not `at`, for the time it takes (`at.ts`).

/**
 * How much each exit's word counts in a pool of several, sum 1: the weights under which the right labels of the calibration
 * rows are most probable (stacking; Breiman, 1996). No exit is taken for independent of another: those of one body err
 * together, and a nearer one mostly weighs next to nothing beside a farther.
 */
export function stackedWeights(
  pool: keyof typeof FITS,
  layers: readonly LayerIndex[],
  calibration: CalibrationExits,
): readonly number[] {
  const ofRows = known.get(calibration) ?? new Map<string, readonly number[]>();
  known.set(calibration, ofRows);
  const key = `${pool} ${layers.join(' ')}`;
  const found = ofRows.get(key) ?? FITS[pool](layers, calibration);
  ofRows.set(key, found);
  return found;
}

const FITS = { linear: linearWeights, logLinear: logLinearWeights } as const;

/** They are asked for every row of a trace. */
const known = new WeakMap<CalibrationExits, Map<string, readonly number[]>>();

const MOST_STEPS = 500;
/** A step that moves no weight farther ends the search. */
const SHORTEST_STEP = 1e-7;

/** Of Σ wᵢ pᵢ, by expectation–maximisation, which finds the one maximum that there is: each weight becomes its mean responsibility. */
function linearWeights(layers: readonly LayerIndex[], calibration: CalibrationExits): readonly number[] {
  const { rows } = calibration;
  const members = layers.map((layer) => probabilitiesOfGold(layer, calibration));
  let weights = layers.map(() => 1 / layers.length);
  for (let step = 0; step < MOST_STEPS; step++) {
    const sums = new Float64Array(layers.length);
    for (let row = 0; row < rows; row++) {
      let total = Number.MIN_VALUE;
      for (let member = 0; member < weights.length; member++) {
        total += (weights[member] ?? 0) * (members[member]?.[row] ?? 0);
      }
      for (let member = 0; member < weights.length; member++) {
        sums[member] = (sums[member] ?? 0) + ((weights[member] ?? 0) * (members[member]?.[row] ?? 0)) / total;
      }
    }
    const next = Array.from(sums, (sum) => sum / rows);
    const farthest = Math.max(...next.map((weight, member) => Math.abs(weight - at(weights, member))));
    weights = next;
    if (farthest < SHORTEST_STEP) break;
  }
  return weights;
}

function probabilitiesOfGold(layer: LayerIndex, { rows, layers, classes, probabilities, gold }: CalibrationExits) {
  return Float64Array.from({ length: rows }, (_, row) =>
    at(probabilities, (row * layers + layer - 1) * classes + at(gold, row)),
  );
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Of near^w · far^(1 − w) by golden-section search: the log-likelihood is concave in w. Of one exit alone, 1. */
function logLinearWeights(layers: readonly LayerIndex[], calibration: CalibrationExits): readonly number[] {
  const [near, far] = layers;
  if (near === undefined || far === undefined) return [1];
  const likelihood = (weight: number) => logLikelihood(near, far, weight, calibration);
  let [low, high] = [0, 1];
  while (high - low > SHORTEST_STEP) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (likelihood(left) >= likelihood(right)) high = right;
    else low = left;
  }
  return [(low + high) / 2, 1 - (low + high) / 2];
}

function logLikelihood(
  near: LayerIndex,
  far: LayerIndex,
  weight: number,
  { rows, layers, classes, probabilities, gold }: CalibrationExits,
): number {
  const logarithm = (p = 0) => Math.log(Math.max(p, Number.MIN_VALUE));
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [here, there] = [(row * layers + near - 1) * classes, (row * layers + far - 1) * classes];
    let [total, ofGold] = [0, 0];
    for (let label = 0; label < classes; label++) {
      const pooled =
        weight * logarithm(probabilities[here + label]) + (1 - weight) * logarithm(probabilities[there + label]);
      total += Math.exp(pooled);
      if (label === gold[row]) ofGold = pooled;
    }
    sum += ofGold - Math.log(total);
  }
  return sum;
}
