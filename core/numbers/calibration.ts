import { at } from './at';

/**
 * Class probabilities softmax(z / T), computed without overflow.
 * T is the exit's temperature, fitted on a calibration split (Guo et al., arXiv 1706.04599).
 */
export function softmax(logits: readonly number[], temperature = 1): number[] {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - largest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Shannon entropy −Σ p ln p in nats, 0 to ln K. */
export function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

/**
 * Expected calibration error: mean |accuracy − confidence| over equal-width confidence bins, weighted by their counts
 * (Naeini et al., 2015). 0 is perfect; NaN without samples.
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean | number>,
  bins = 15,
): number {
  const gaps = new Float64Array(bins);
  for (let row = 0; row < confidences.length; row++) {
    const confidence = at(confidences, row);
    const bin = Math.min(Math.floor(confidence * bins), bins - 1);
    gaps[bin] = at(gaps, bin) + Number(correct[row]) - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / confidences.length;
}

/**
 * The probability that a right answer has a higher confidence than a wrong one (area under the ROC curve, ties half).
 * NaN where all are right or all are wrong.
 */
export function aurocOfCorrectness(confidences: ArrayLike<number>, correct: ArrayLike<boolean | number>): number {
  const order = Array.from({ length: confidences.length }, (_, row) => row);
  order.sort((a, b) => at(confidences, a) - at(confidences, b));
  let rightCount = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && confidences[at(order, end)] === confidences[at(order, start)]) end++;
    const sharedRank = (start + 1 + end) / 2;
    for (const row of order.slice(start, end)) {
      if (!correct[row]) continue;
      rightCount++;
      rankSum += sharedRank;
    }
    start = end;
  }
  const wrongCount = order.length - rightCount;
  return (rankSum - (rightCount * (rightCount + 1)) / 2) / (rightCount * wrongCount);
}
