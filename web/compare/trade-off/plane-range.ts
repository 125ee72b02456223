import type { PlaneCurve, PlaneMark, PlanePoint, PlaneRange } from '../../charts/curves';

/** Room around what is shown, as a share of it. */
const MARGIN = 0.06;
/** Points of accuracy that anybody might give: what lies lower is of little use. */
export const MOST_LOST = 5;

/** Everything there is. Bars of intervals may be cut off. */
export function wholeRange(curves: readonly PlaneCurve[], marks: readonly PlaneMark[]): PlaneRange {
  return rangeOf([...curves.flatMap(({ points }) => points), ...marks]);
}

/**
 * Where curves bend: what of them loses little, and points that lie beside them. The same while a point moves along its
 * curve, so that nothing slips away under the hand.
 */
export function regionOf(curves: readonly PlaneCurve[], beside: readonly PlanePoint[]): PlaneRange {
  return rangeOf([...curves.flatMap(({ points }) => points.filter(({ y }) => y >= -MOST_LOST)), ...beside]);
}

/** Of these points, and of the level of the last exit, which is 0. */
function rangeOf(points: readonly PlanePoint[]): PlaneRange {
  if (points.length === 0) return { x: [0, 100], y: [-MOST_LOST, 1] };
  return { x: axis(points.map(({ x }) => x)), y: axis([...points.map(({ y }) => y), 0]) };
}

function axis(values: readonly number[]) {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const margin = MARGIN * (greatest - least || 1);
  return [least - margin, greatest + margin] as const;
}
