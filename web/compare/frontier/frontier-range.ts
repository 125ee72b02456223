import type { PlaneCurve, PlaneMark, PlanePoint, PlaneRange } from '../../charts/curves';

/** Room around what is shown, as a share of it. */
const MARGIN = 0.04;

/**
 * What of the plane is shown: everything, or, given the least y of interest, what lies above it.
 * Bars of intervals may be cut off.
 */
export function rangeOf(
  curves: readonly PlaneCurve[],
  marks: readonly PlaneMark[],
  leastY: number | undefined,
): PlaneRange {
  const points: readonly PlanePoint[] = [...curves.flatMap((curve) => curve.points), ...marks];
  const shown = leastY === undefined ? points : points.filter(({ y }) => y >= leastY);
  if (shown.length === 0) return { x: [0, 100], y: [leastY ?? 0, 100] };
  const [xs, ys] = [shown.map(({ x }) => x), shown.map(({ y }) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [leastY ?? Math.min(...ys), Math.max(...ys)];
  const [xMargin, yMargin] = [MARGIN * (right - left || 1), MARGIN * (high - low || 1)];
  return { x: [left - xMargin, right + xMargin], y: [leastY ?? low - yMargin, high + yMargin] };
}
