import type { Curve, CurvePoint } from '../../../core/lab/frontier';
import { policyById } from '../../../core/policies';
import type { PlaneCurve, PlaneMark, PlanePoint } from '../../charts/curves';
import { shade, type Stroke } from '../../charts/palette.svelte';
import type { Side } from '../sides';
import { type CurveWords, pointWords } from './curve-words';
import { ALWAYS_DRAWN } from './picked-policies';

/** In pixels: the curves that are compared, and those beside them. */
const WIDTHS = { side: 2.75, other: 1.25 };
/** Of curves beside the two, which have no colour of their own. */
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3]] as const;

/** A point on the plane of compute saved, in percent, and accuracy against the last exit, in points. */
export function planePointOf(policy: string, point: CurvePoint, told: CurveWords): PlanePoint {
  const { lossPoints, lossInterval, costCutPercent, costCutInterval } = point;
  return {
    x: costCutPercent,
    // Without the sign of −0.
    y: 0 - lossPoints,
    xInterval: costCutInterval,
    yInterval: [-lossInterval[1], -lossInterval[0]],
    words: pointWords(policy, point, told),
  };
}

/** The curve of one of the two; that of A has its intervals. */
export function sideCurve(side: Side, curve: Curve, told: CurveWords): PlaneCurve {
  const stroke = { colour: shade(side), dash: side === 'a' ? [] : [7, 4] };
  return { ...planeCurve(side, curve, stroke, told), width: WIDTHS.side, isProminent: side === 'a' };
}

/** A curve beside the two; `place` tells those drawn at a time apart. */
export function otherCurve(curve: Curve, place: number, told: CurveWords): PlaneCurve {
  const dash = DASHES[place % DASHES.length] ?? [];
  const stroke = { colour: shade('muted'), dash: ALWAYS_DRAWN.includes(curve.policy) ? [1, 3] : dash };
  return { ...planeCurve(curve.policy, curve, stroke, told), width: WIDTHS.other, isProminent: false };
}

function planeCurve(id: string, { policy, points }: Curve, stroke: Stroke, told: CurveWords) {
  return {
    ...{ id, name: policyById(policy).name, stroke, isLabelled: true },
    points: points.map((point) => planePointOf(policy, point, told)),
  };
}

/** A policy that is one point, whatever is set. */
export function planeMarksOf({ policy, points }: Curve, told: CurveWords): PlaneMark[] {
  const name = told.marks[policy] ?? policyById(policy).name;
  return points.map((point) => ({ ...planePointOf(policy, point, told), name, colour: shade('ink') }));
}
