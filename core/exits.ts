import { at } from './numbers/at';
import { softmax } from './numbers/calibration';
import { type LayerIndex, toLayer } from './layers';

/** What an exit ramp says of one sample. */
export interface Exit {
  readonly layer: LayerIndex;
  /** Raw logits of the task's K classes. */
  readonly logits: readonly number[];
  /** Calibrated class probabilities, sum 1. */
  readonly probabilities: readonly number[];
  /** Index of the most probable class. */
  readonly label: number;
  /** Calibrated maximum class probability, 1/K to 1. */
  readonly confidence: number;
  /** How alike the hidden states before and after the layer are, −1 to 1 (`saturation.ts`). Not always known. */
  readonly saturation?: number | undefined;
}

/** The exit after `layer`, calibrated by that exit's temperature. */
export function exitAt(layer: LayerIndex, logits: readonly number[], temperature: number): Exit {
  const probabilities = softmax(logits, temperature);
  const label = argmax(probabilities);
  return { layer, logits, probabilities, label, confidence: at(probabilities, label) };
}

/** Exits 1..k from the raw logits of layers 1..k; `temperatures` has one entry for every layer. */
export function exitsOf(logits: readonly (readonly number[])[], temperatures: readonly number[]): Exit[] {
  return logits.map((row, index) => exitAt(toLayer(index + 1), row, at(temperatures, index)));
}

/** Index of the largest value; the first one wins a tie, as in NumPy and PyTorch. */
export function argmax(values: ArrayLike<number>): number {
  // Not by `at` (see there): exits of a trace and rows of a batch are looked at by the hundred thousand.
  let best = 0;
  for (let index = 1; index < values.length; index++) if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}
