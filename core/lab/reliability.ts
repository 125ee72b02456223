import { at } from '../numbers/at';
import { aurocOfCorrectness, expectedCalibrationError, softmax } from '../numbers/calibration';
import { type LayerIndex, layersUpTo } from '../layers';
import type { CalibratedTrace } from '../trace/calibrated-trace';

/** Bins of equal width from 0 to 1, as in most papers since Guo et al. (arXiv 1706.04599). */
export const BINS = 15;

/** The rows whose confidence falls within one bin. Means are NaN where there are none. */
export interface ReliabilityBin {
  readonly rows: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

/** How far confidences are what they promise to be. */
export interface Reliability {
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error over these bins, 0 to 1. */
  readonly ece: number;
  /** What it would be on average if every answer were right exactly as often as it is sure: the bins' own noise. */
  readonly eceByChance: number;
  /** 0 to 1. */
  readonly meanConfidence: number;
  /** Mean confidence less accuracy: above 0 too sure, below too unsure. */
  readonly gap: number;
}

/** What one exit's confidences are worth. */
export interface ExitReliability {
  readonly layer: LayerIndex;
  /** 0 to 1. */
  readonly accuracy: number;
  /** With the exit's temperature. */
  readonly calibrated: Reliability;
  /** With temperature 1. */
  readonly uncalibrated: Reliability;
  /** The probability that a right answer is surer than a wrong one, ties half; NaN where all are right or all wrong. */
  readonly auroc: number;
}

/** Every exit of a trace, the first layer first. */
export function reliabilityOf(calibrated: CalibratedTrace): readonly ExitReliability[] {
  return layersUpTo(calibrated.trace.layers).map((layer) => exitReliability(calibrated, layer));
}

/** One exit of a trace. */
export function exitReliability({ trace, probabilities, labels }: CalibratedTrace, layer: LayerIndex): ExitReliability {
  const { rows, layers, classes, gold, logits } = trace;
  const [correct, sure, raw] = [new Uint8Array(rows), new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const exit = row * layers + layer - 1;
    correct[row] = Number(labels[exit] === gold[row]);
    sure[row] = Math.max(...probabilities.subarray(exit * classes, (exit + 1) * classes));
    raw[row] = Math.max(...softmax(Array.from(logits.subarray(exit * classes, (exit + 1) * classes))));
  }
  return {
    layer,
    accuracy: correct.reduce((sum, value) => sum + value, 0) / rows,
    calibrated: reliability(sure, correct),
    uncalibrated: reliability(raw, correct),
    auroc: aurocOfCorrectness(sure, correct),
  };
}

/** `confidences` from 0 to 1, `correct` 0 or 1, both `[rows]`. */
export function reliability(confidences: Float64Array, correct: Uint8Array, bins = BINS): Reliability {
  const sums = Array.from({ length: bins }, () => ({ rows: 0, confidence: 0, right: 0 }));
  confidences.forEach((confidence, row) => {
    const bin = at(sums, Math.min(Math.floor(confidence * bins), bins - 1));
    bin.rows++;
    bin.confidence += confidence;
    bin.right += at(correct, row);
  });
  const meanConfidence = confidences.reduce((sum, confidence) => sum + confidence, 0) / confidences.length;
  return {
    bins: sums.map(({ rows, confidence, right }) => ({
      rows,
      meanConfidence: confidence / rows,
      accuracy: right / rows,
    })),
    ece: expectedCalibrationError(confidences, correct, bins),
    eceByChance: eceByChance(confidences, bins),
    meanConfidence,
    gap: meanConfidence - correct.reduce((sum, value) => sum + value, 0) / correct.length,
  };
}

/** Each bin's count of right answers is then about normal, and its distance from what was expected half-normal. */
function eceByChance(confidences: Float64Array, bins: number): number {
  const variances = new Float64Array(bins);
  for (const confidence of confidences) {
    const bin = Math.min(Math.floor(confidence * bins), bins - 1);
    variances[bin] = at(variances, bin) + confidence * (1 - confidence);
  }
  return variances.reduce((sum, variance) => sum + Math.sqrt((2 / Math.PI) * variance), 0) / confidences.length;
}
