import { f16round } from '@petamoriken/float16';
import { DimeeError } from '../errors';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** Largest whole multiple of a scale in four bits, to each side of zero. */
const STEPS = 7;

/**
 * Writes numbers as whole multiples of one scale, which is a float16 number: the largest magnitude / 7, rounded.
 * Numbers too small for any such scale become 0, as their scale does.
 * @throws DimeeError `BAD_FRAME` where float16 has no scale large enough.
 */
export function quantise(numbers: Float32Array, into: Int8Array): number {
  let largest = 0;
  for (const x of numbers) largest = Math.max(largest, Math.abs(x));
  const scale = f16round(largest / STEPS);
  if (!Number.isFinite(scale)) {
    throw new DimeeError('BAD_FRAME', `The hidden state holds ${largest}, too large for a float16 scale.`);
  }
  if (scale === 0) return 0;
  for (let index = 0; index < numbers.length; index++) {
    into[index] = Math.max(-STEPS, Math.min(STEPS, Math.round((numbers[index] ?? 0) / scale)));
  }
  return scale;
}

/** Four-bit numbers in two's complement, two a byte, the earlier one in the low half. There must be evenly many. */
export function packInt4(values: Int8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = ((values[2 * index] ?? 0) & 0xf) | ((values[2 * index + 1] ?? 0) << 4);
  }
  return bytes;
}

export function unpackInt4(bytes: Uint8Array): Int8Array {
  const values = new Int8Array(2 * bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    // To the top of 32 bits and back, which spreads the sign.
    values[2 * index] = (byte << 28) >> 28;
    values[2 * index + 1] = (byte << 24) >> 28;
  }
  return values;
}
