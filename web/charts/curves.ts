import type { Interval } from '../../core/numbers/bootstrap';
import type { Stroke } from './palette.svelte';

/** One point of a plane, with what is said of it. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
  readonly xInterval?: Interval | undefined;
  readonly yInterval?: Interval | undefined;
  /** Below its name in the tooltip. */
  readonly words: readonly string[];
}

export interface PlaneCurve {
  readonly id: string;
  readonly name: string;
  readonly stroke: Stroke;
  /** In pixels. */
  readonly width: number;
  /** By rising x. */
  readonly points: readonly PlanePoint[];
  /** Whether the intervals of y are drawn as a band, and the points as dots. */
  readonly isProminent: boolean;
  /** Its name stands where it ends. */
  readonly isLabelled?: boolean;
}

/** A point that stands alone, with its name beside it and its intervals as bars. */
export interface PlaneMark extends PlanePoint {
  readonly name: string;
  readonly colour: string;
}

/** The point that people move, and the points of the curve it is moved along; none where nothing can be moved. */
export interface PlaneHandle {
  readonly name: string;
  /** Written into it. */
  readonly letter: string;
  readonly at: PlanePoint;
  readonly colour: string;
  readonly along: readonly PlanePoint[];
  /** Which of them it is; undefined where it lies beside the curve. */
  readonly place: number | undefined;
  readonly onmove: (place: number) => void;
}

export interface PlaneRange {
  readonly x: Interval;
  readonly y: Interval;
}

/** Where a plane lies on its canvas, in CSS pixels. */
export interface PlaneArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The pixel of a point; one outside the range comes to lie on the rim. */
export function pixelOf({ x, y }: Pick<PlanePoint, 'x' | 'y'>, range: PlaneRange, area: PlaneArea) {
  const share = (value: number, [low, high]: Interval) => Math.min(Math.max((value - low) / (high - low), 0), 1);
  return {
    left: area.left + share(x, range.x) * (area.right - area.left),
    top: area.bottom - share(y, range.y) * (area.bottom - area.top),
  };
}

/** The place of the point nearest to a pixel; −1 of none. */
export function nearestPoint(
  points: readonly Pick<PlanePoint, 'x' | 'y'>[],
  pixel: { readonly left: number; readonly top: number },
  range: PlaneRange,
  area: PlaneArea,
): number {
  const distances = points.map((point) => {
    const { left, top } = pixelOf(point, range, area);
    return Math.hypot(left - pixel.left, top - pixel.top);
  });
  return distances.indexOf(Math.min(...distances));
}

/** Where a curve leaves a range, or ends in it: a name stands there. Undefined of one that never comes into it. */
export function endWithin(points: readonly PlanePoint[], { x: [left, right], y: [low, high] }: PlaneRange) {
  return points.findLast(({ x, y }) => x >= left && x <= right && y >= low && y <= high);
}
