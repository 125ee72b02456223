import { at } from '../numbers/at';
import { kolmogorovSmirnov, type TwoSamples } from '../numbers/two-samples';
import type { Decision } from '../policies/decision';
import type { CalibratedTrace } from './calibrated-trace';
import { replay, scoreTrace } from './replay';

/** How rows compare with those that thresholds were calibrated with, without any label of theirs. */
export interface Drift {
  readonly rows: number;
  /** Of the confidences at the device's last exit, where every row has it, else of those where rows are answered. */
  readonly confidences: TwoSamples;
  /** Of the layers at which rows leave. */
  readonly exits: TwoSamples;
  readonly meanLayer: { readonly here: number; readonly calibration: number };
  /**
   * Accuracy, 0 to 1: of the calibration rows, and what it would be here if an answer were right above the same
   * confidence (average thresholded confidence: Garg et al., arXiv 2201.04234).
   */
  readonly accuracy: { readonly estimated: number; readonly calibration: number };
  readonly verdict: 'alike' | 'shifted' | 'too few rows';
}

/** Fewer rows say nothing: a shift that matters would not stand out. */
export const FEWEST_ROWS = 30;
/** A shift must be more than chance, */
const MOST_CHANCE = 0.001;
/** and be great enough to matter: so far apart are distribution functions, */
const LEAST_DISTANCE = 0.15;

/**
 * @param here rows under the decision.
 * @param calibration the rows that the thresholds were calibrated with, labelled.
 */
export function driftOf(
  here: CalibratedTrace,
  calibration: CalibratedTrace,
  decision: Decision,
  mobileLayers: number,
): Drift {
  const confidences = kolmogorovSmirnov(confidencesAt(here, mobileLayers), confidencesAt(calibration, mobileLayers));
  return driftBetween(answersOf(here, decision), answersOf(calibration, decision), calibration, confidences);
}

/** Where rows left and how sure they were there, `[rows]`. */
export interface AnsweredRows {
  readonly layers: ArrayLike<number>;
  readonly confidences: readonly number[];
}

/** The same of rows that were run no further than where they left under the decision, as sentences are. */
export function driftOfAnswers(here: AnsweredRows, calibration: CalibratedTrace, decision: Decision): Drift {
  const then = answersOf(calibration, decision);
  return driftBetween(here, then, calibration, kolmogorovSmirnov(here.confidences, then.confidences));
}

function driftBetween(
  now: AnsweredRows,
  then: ReturnType<typeof answersOf>,
  { trace: { gold } }: CalibratedTrace,
  confidences: TwoSamples,
): Drift {
  const exits = kolmogorovSmirnov(now.layers, then.layers);
  const accuracy = then.labels.filter((label, row) => label === gold[row]).length / then.labels.length;
  const rows = now.layers.length;
  const isShifted = [confidences, exits].some(
    ({ distance, pValue }) => pValue < MOST_CHANCE && distance >= LEAST_DISTANCE,
  );
  return {
    ...{ rows, confidences, exits },
    meanLayer: { here: meanOf(now.layers), calibration: meanOf(then.layers) },
    accuracy: { estimated: shareAbove(now.confidences, then.confidences, 1 - accuracy), calibration: accuracy },
    verdict: rows < FEWEST_ROWS ? 'too few rows' : isShifted ? 'shifted' : 'alike',
  };
}

/** What rows are answered: where they leave, with what, and how sure. */
function answersOf(calibrated: CalibratedTrace, decision: Decision) {
  const scored = scoreTrace(calibrated, decision);
  const layers = replay(scored, decision);
  const placeOf = (row: number) => row * scored.layers + at(layers, row) - 1;
  const rows = Array.from({ length: scored.rows }, (_, row) => row);
  return {
    layers,
    labels: rows.map((row) => at(scored.labels, placeOf(row))),
    confidences: rows.map((row) => at(scored.confidences, placeOf(row))),
  };
}

function confidencesAt(
  { trace: { rows, layers, classes }, probabilities }: CalibratedTrace,
  layer: number,
): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const exit = (row * layers + layer - 1) * classes;
    return Math.max(...probabilities.subarray(exit, exit + classes));
  });
}

/** Of these, the share above the threshold below which this share of the others is. */
function shareAbove(values: readonly number[], others: readonly number[], shareBelow: number): number {
  const sorted = others.toSorted((a, b) => a - b);
  const threshold = sorted[Math.round(shareBelow * sorted.length)] ?? Number.POSITIVE_INFINITY;
  return values.filter((value) => value >= threshold).length / values.length;
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
