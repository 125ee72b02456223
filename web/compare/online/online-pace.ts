/** How many sentences a second a stream runs; the fastest as fast as it can be computed. */
export const SPEEDS = [10, 50, 250, Number.POSITIVE_INFINITY] as const;

/** A slice shows something new a dozen times a second, and a pause waits for no more than one. */
const SLICE_MS = 80;
const GREATEST_GROWTH = 2;
/** On a busy machine the way to the worker and back takes longer than a slice, however few steps it makes. */
const LEAST_STEPS = 16;

/** How many steps the next slice makes, for so many a second and what is known to fit into a slice. */
export function stepsOfSlice(perSecond: number, fitting: number): number {
  return Math.max(Math.min(Math.round((perSecond * SLICE_MS) / 1000), Math.floor(fitting)), 1);
}

/** How many steps fit into a slice, after one of `steps` took `tookMs`; at most twice as many. */
export function fittingSteps(steps: number, tookMs: number): number {
  return Math.max(steps * Math.min(SLICE_MS / Math.max(tookMs, 1), GREATEST_GROWTH), LEAST_STEPS);
}

/** How long to wait after a slice of `steps` that took `tookMs`, to keep to so many a second. */
export function restMs(perSecond: number, steps: number, tookMs: number): number {
  return Math.max((1000 * steps) / perSecond - tookMs, 0);
}
