// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** One feature's logistic regression: P(true) = σ(weight · feature + bias). */
export interface Logistic {
  readonly weight: number;
  readonly bias: number;
}

/** On the squared weight, halved; with it a fit exists where the feature alone tells true from false. */
const RIDGE = 1;
/** The bias is hardly shrunk: predictions keep the mean of the targets. */
const BIAS_RIDGE = 1e-6;
const MOST_STEPS = 30;
/** Newton's method doubles the right digits at each step: after one as short as this there are no more to gain. */
const SHORTEST_STEP = 1e-9;
/** Beyond it σ is 0 or 1 to thirteen digits. */
const LARGEST_LOGIT = 30;

/**
 * Minimises the summed log loss and the ridge by Newton's method, from zero. `feature` and `target` (0 or 1) are `[rows]`.
 * The same fit as `training/calibration/logistic.py` makes of one feature.
 */
export function fitLogistic(feature: Float64Array, target: Uint8Array): Logistic {
  let [weight, bias] = [0, 0];
  for (let step = 0; step < MOST_STEPS; step++) {
    let [weightSlope, biasSlope] = [RIDGE * weight, BIAS_RIDGE * bias];
    let [weightCurve, mixedCurve, biasCurve] = [RIDGE, 0, BIAS_RIDGE];
    for (let row = 0; row < feature.length; row++) {
      const value = feature[row] ?? 0;
      const p = predictLogistic({ weight, bias }, value);
      const [residual, curve] = [p - (target[row] ?? 0), p * (1 - p)];
      weightSlope += residual * value;
      biasSlope += residual;
      weightCurve += curve * value * value;
      mixedCurve += curve * value;
      biasCurve += curve;
    }
    const determinant = weightCurve * biasCurve - mixedCurve * mixedCurve;
    const weightStep = (biasCurve * weightSlope - mixedCurve * biasSlope) / determinant;
    const biasStep = (weightCurve * biasSlope - mixedCurve * weightSlope) / determinant;
    weight -= weightStep;
    bias -= biasStep;
    if (Math.abs(weightStep) + Math.abs(biasStep) < SHORTEST_STEP) break;
  }
  return { weight, bias };
}

/** P(true), above 0 and below 1. */
export function predictLogistic({ weight, bias }: Logistic, feature: number): number {
  const logit = Math.min(Math.max(weight * feature + bias, -LARGEST_LOGIT), LARGEST_LOGIT);
  return 1 / (1 + Math.exp(-logit));
}

/** Of an interval of 60, 50 halvings leave less than a step of floating-point numbers that matters. */
const HALVINGS = 50;

/**
 * How far a fit's log odds, `[rows]`, are to be moved for rows that it was not made for alone: minimises the summed log loss
 * of σ(logit + offset) and the ridge on the offset, where their slope, which only rises, is 0. Without rows 0.
 */
export function fitOffset(logits: Float64Array, target: Uint8Array): number {
  let [low, high] = [-LARGEST_LOGIT, LARGEST_LOGIT];
  for (let step = 0; step < HALVINGS; step++) {
    const offset = (low + high) / 2;
    let slope = RIDGE * offset;
    for (let row = 0; row < logits.length; row++) {
      slope += predictLogistic({ weight: 1, bias: offset }, logits[row] ?? 0) - (target[row] ?? 0);
    }
    if (slope > 0) high = offset;
    else low = offset;
  }
  return (low + high) / 2;
}
