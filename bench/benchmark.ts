import { median as medianOf } from 'd3-array';

/** A number, a word, or several by name. */
export type Detail = number | string | Readonly<Record<string, number>>;

/** A claim, what was measured for it in this run, and whether it holds. */
export interface Report {
  readonly claim: string;
  /** The number the claim is about. */
  readonly value: number;
  readonly bound: number;
  readonly unit: string;
  /** What else was measured on the way. */
  readonly details: Readonly<Record<string, Detail>>;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(): Promise<Report>;
}

/** The middle value; NaN for none. */
export const median = (values: readonly number[]) => medianOf(values) ?? Number.NaN;

/** Milliseconds that `job` takes, once for each of `rounds` after some that do not count. */
export async function timings(rounds: number, job: () => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let round = 0; round < rounds + Math.ceil(rounds / 10); round++) {
    const startedAt = performance.now();
    await job();
    all.push(performance.now() - startedAt);
  }
  return all.slice(-rounds);
}
