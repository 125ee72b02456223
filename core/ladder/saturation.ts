import type { HiddenState } from '../hidden-state';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** How alike a sample's hidden states before and after a layer are: the cosine of their means over the tokens, −1 to 1. */
export function saturationOf(before: HiddenState, after: HiddenState): number {
  // Sums do as well as means: a cosine does not change with lengths.
  return cosine(sumOverTokens(before), sumOverTokens(after));
}

/** `[tokens, hidden]` to `[hidden]`. */
function sumOverTokens({ tokens, hidden, data }: HiddenState): Float64Array {
  const sums = new Float64Array(hidden);
  for (let start = 0; start < tokens * hidden; start += hidden) {
    for (let unit = 0; unit < hidden; unit++) sums[unit] = (sums[unit] ?? 0) + (data[start + unit] ?? 0);
  }
  return sums;
}

/** Cosine of the angle between two vectors of one length, −1 to 1; 0 where one of them is zero. */
function cosine(a: Float64Array, b: Float64Array): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  const lengths = Math.sqrt(squareA * squareB);
  return lengths > 0 ? Math.min(Math.max(product / lengths, -1), 1) : 0;
}
