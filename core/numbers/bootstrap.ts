import { at } from './at';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** The bounds of an estimate, lower first. */
export type Interval = readonly [low: number, high: number];

/**
 * Rows drawn anew with replacement, so many times over (Efron's bootstrap): `use` is told how often each row was drawn,
 * `[rows]`, which is valid until it returns. `random` gives numbers from 0 to below 1.
 */
export function bootstrap(
  rows: number,
  replicates: number,
  random: () => number,
  use: (drawn: Float64Array, replicate: number) => void,
): void {
  const drawn = new Float64Array(rows);
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0);
    for (let draw = 0; draw < rows; draw++) {
      const row = Math.floor(random() * rows);
      drawn[row] = (drawn[row] ?? 0) + 1;
    }
    use(drawn, replicate);
  }
}

/**
 * Means of columns over rows drawn anew, `[columns][replicates]`. Each replicate draws the same rows for every column, so
 * that columns can be compared.
 */
export function bootstrapMeans(
  columns: readonly Float64Array[],
  replicates: number,
  random: () => number,
): Float64Array[] {
  const rows = columns[0]?.length ?? 0;
  const means = columns.map(() => new Float64Array(replicates));
  bootstrap(rows, replicates, random, (drawn, replicate) => {
    columns.forEach((column, index) => {
      at(means, index)[replicate] = dot(drawn, column) / rows;
    });
  });
  return means;
}

function dot(weights: Float64Array, values: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < weights.length; row++) sum += (weights[row] ?? 0) * (values[row] ?? 0);
  return sum;
}

/** The percentile interval that holds so large a share of the replicates, as many left out below as above. */
export function percentileInterval(replicates: Float64Array, level = 0.95): Interval {
  const sorted = replicates.toSorted();
  const outside = Math.floor(((1 - level) / 2) * sorted.length);
  return [at(sorted, outside), at(sorted, sorted.length - 1 - outside)];
}
