/**
 * Adds a row `[n]` times a row-major matrix `[n, m]` to `sum` `[m]`. Four rows of the matrix at a time, which is 2 to 4
 * times as fast as one.
 */
export function addProduct(row: Float32Array, matrix: Float32Array, sum: Float32Array): void {
  const width = sum.length;
  for (let from = 0; from < row.length; from += 4) {
    // Where the row ends before the four do, the last one stands in with factor 0.
    const [a = 0, b = 0, c = 0, d = 0] = row.subarray(from, from + 4);
    const start = (next: number) => Math.min(from + next, row.length - 1) * width;
    const [first, second, third, fourth] = [start(0), start(1), start(2), start(3)];
    for (let index = 0; index < width; index++) {
      sum[index] =
        (sum[index] ?? 0) +
        a * (matrix[first + index] ?? 0) +
        b * (matrix[second + index] ?? 0) +
        c * (matrix[third + index] ?? 0) +
        d * (matrix[fourth + index] ?? 0);
    }
  }
}
