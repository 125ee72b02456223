// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/**
 * Adds a row `[n]` times a row-major matrix `[n, m]` to `sum` `[m]`. Eight rows of the matrix at a time, which is 3 times
 * as fast as one; where there are fewer, what is missing counts as 0.
 */
export function addProduct(row: Float32Array, matrix: Float32Array, sum: Float32Array): void {
  const width = sum.length;
  for (let from = 0; from < row.length; from += 8) {
    const a = row[from] ?? 0;
    const b = row[from + 1] ?? 0;
    const c = row[from + 2] ?? 0;
    const d = row[from + 3] ?? 0;
    const e = row[from + 4] ?? 0;
    const f = row[from + 5] ?? 0;
    const g = row[from + 6] ?? 0;
    const h = row[from + 7] ?? 0;
    let at = from * width;
    for (let index = 0; index < width; index++, at++) {
      sum[index] =
        (sum[index] ?? 0) +
        a * (matrix[at] ?? 0) +
        b * (matrix[at + width] ?? 0) +
        c * (matrix[at + 2 * width] ?? 0) +
        d * (matrix[at + 3 * width] ?? 0) +
        e * (matrix[at + 4 * width] ?? 0) +
        f * (matrix[at + 5 * width] ?? 0) +
        g * (matrix[at + 6 * width] ?? 0) +
        h * (matrix[at + 7 * width] ?? 0);
    }
  }
}
