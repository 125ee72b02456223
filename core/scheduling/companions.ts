/** What the rows of a batch may take together, padded to the longest. */
export interface BatchBounds {
  /** Longest row times rows. A row that is longer runs alone. */
  readonly tokens: number;
  /** Rows × longest² ÷ Σ length², at most: what is computed of what was asked for, where attention weighs most. */
  readonly padding: number;
}

/**
 * Measured with q8 on two cores: from 4 to 8 rows of about one length a layer takes the least time a row, beyond 384 tokens
 * it takes more again, and what padding costs grows with the square of the length.
 */
export const BATCH_BOUNDS: BatchBounds = { tokens: 384, padding: 1.15 };

interface Row {
  readonly tokens: number;
}

/**
 * The rows that run with the leader, itself first: those nearest to it in length that stay within the bounds, and of
 * equals the earlier ones.
 * @param candidates without the leader, earlier ones first.
 */
export function withCompanions<Item extends Row>(
  leader: Item,
  candidates: readonly Item[],
  bounds: BatchBounds,
): Item[] {
  const batch = [leader];
  let longest = leader.tokens;
  let squares = leader.tokens ** 2;
  const distanceOf = ({ tokens }: Row) => Math.abs(tokens - leader.tokens);
  for (const row of candidates.toSorted((a, b) => distanceOf(a) - distanceOf(b))) {
    const rows = batch.length + 1;
    if (rows * longest > bounds.tokens) break;
    const longestThen = Math.max(longest, row.tokens);
    const squaresThen = squares + row.tokens ** 2;
    if (rows * longestThen > bounds.tokens || rows * longestThen ** 2 > bounds.padding * squaresThen) continue;
    batch.push(row);
    [longest, squares] = [longestThen, squaresThen];
  }
  return batch;
}

/** Tokens that a batch computes, its padding included. */
export function paddedTokens(batch: readonly Row[]): number {
  return batch.length * batch.reduce((longest, { tokens }) => Math.max(longest, tokens), 0);
}
