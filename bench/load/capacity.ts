import type { LoadReport } from './load-report';

export interface Capacity {
  /** The highest rate that was kept up with, in samples a second; 0 for none. */
  readonly ratePerS: number;
  readonly at: LoadReport | undefined;
}

/** Of the samples due, those that must be answered in time for a rate to be kept up with. */
const KEPT_UP = 0.99;
/** The rate found is the true one to within this share. */
const PRECISION = 0.1;

/** Doubles the rate until it is not kept up with, and then halves the gap. */
export async function findCapacity(firstRate: number, probe: (rate: number) => Promise<LoadReport>): Promise<Capacity> {
  let kept: Capacity = { ratePerS: 0, at: undefined };
  let missed = Number.POSITIVE_INFINITY;
  for (let rate = firstRate; missed > kept.ratePerS * (1 + PRECISION);) {
    const report = await probe(rate);
    if (isKeptUpWith(report)) kept = { ratePerS: rate, at: report };
    else missed = rate;
    if (missed <= 1) break;
    rate = missed === Number.POSITIVE_INFINITY ? 2 * rate : (kept.ratePerS + missed) / 2;
  }
  return kept;
}

function isKeptUpWith({ opened, connections, goodputPerS, offeredPerS }: LoadReport): boolean {
  return opened === connections && goodputPerS >= KEPT_UP * offeredPerS;
}
