import type { PlanePoint } from '../../charts/curves';

/** The place on a curve that costs a point the least to move to: the nearest in what is saved; −1 of none. */
export function nearestPlace(along: readonly PlanePoint[], { x }: PlanePoint): number {
  const distances = along.map((point) => Math.abs(point.x - x));
  return distances.indexOf(Math.min(...distances));
}
