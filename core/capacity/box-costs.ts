/** What a box takes for its work. A box is a machine that runs one edge or one replica of the cloud, with a worker a core. */
export interface BoxCosts {
  /** Milliseconds of a layer: for each call of the runtime, each token (padding included), each pair of tokens of one row. */
  readonly perCallMs: number;
  readonly perTokenMs: number;
  readonly perPairMs: number;
  /** How much layers of one batch size differ: the standard deviation over the mean. */
  readonly variation: number;
  /** Milliseconds of a core, a sample, for all that is not a layer: sockets, frames, waiting in line, collecting memory. */
  readonly aroundMs: number;
}

/** What layers take, without what is around them. */
export type LayerCosts = Pick<BoxCosts, 'perCallMs' | 'perTokenMs' | 'perPairMs'>;

/** A batch that was measured: so many rows, each computed as long as the longest, and the milliseconds of one layer. */
export interface MeasuredBatch {
  readonly rows: number;
  readonly longest: number;
  readonly ms: number;
}

type Triple = readonly [number, number, number];

/** Milliseconds of one layer for a batch. */
export function layerMs({ perCallMs, perTokenMs, perPairMs }: LayerCosts, rows: number, longest: number): number {
  const [call, tokens, pairs] = featuresOf({ rows, longest });
  return perCallMs * call + perTokenMs * tokens + perPairMs * pairs;
}

/**
 * The costs of layers that fit measured batches best: least squares of the relative errors, so that short batches count as
 * much as long ones.
 * @param batches at least three that differ in rows and in length.
 */
export function fitLayerCosts(batches: readonly MeasuredBatch[]): LayerCosts {
  const rows = batches.map(({ ms, ...batch }) => featuresOf(batch).map((feature) => feature / ms));
  const column = (index: number) => rows.map((row) => row[index] ?? 0);
  const columns = [column(0), column(1), column(2)] as const;
  const ones = batches.map(() => 1);
  const products = (other: readonly number[]): Triple => [
    dot(columns[0], other),
    dot(columns[1], other),
    dot(columns[2], other),
  ];
  const [a, b, c, right] = [products(columns[0]), products(columns[1]), products(columns[2]), products(ones)];
  const all = determinant(a, b, c);
  return {
    perCallMs: determinant(right, b, c) / all,
    perTokenMs: determinant(a, right, c) / all,
    perPairMs: determinant(a, b, right) / all,
  };
}

function featuresOf({ rows, longest }: Omit<MeasuredBatch, 'ms'>): Triple {
  return [1, rows * longest, rows * longest ** 2];
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

/** Of the matrix with these columns. */
function determinant([a1, a2, a3]: Triple, [b1, b2, b3]: Triple, [c1, c2, c3]: Triple): number {
  return a1 * (b2 * c3 - b3 * c2) - b1 * (a2 * c3 - a3 * c2) + c1 * (a2 * b3 - a3 * b2);
}
