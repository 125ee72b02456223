import type { Curve, CurvePoint } from '../../../core/lab/frontier';
import { policyById } from '../../../core/policies';
import type { PlaneCurve, PlaneMark, PlanePoint } from '../../charts/curves';
import { shade, type Stroke, strokeOf } from '../../charts/palette.svelte';
import { pointWords } from './curve-words';
import { ALWAYS_DRAWN, placeOf } from './picked-policies';

/** In pixels: the curve of the page's policy, those beside it, and what is always drawn. */
const WIDTHS = { own: 2.75, other: 1.75, always: 1.25 };

/**
 * A point on the plane of cost cut and accuracy, both in percent; the interval of the accuracy is that of the loss, seen
 * from the last exit. `measure` is “accuracy”, or what stands in for it.
 */
export function planePointOf(policy: string, point: CurvePoint, measure: string): PlanePoint {
  const { accuracy, lossPoints, lossInterval, costCutPercent, costCutInterval } = point;
  const atLastExit = 100 * accuracy + lossPoints;
  return {
    x: costCutPercent,
    y: 100 * accuracy,
    xInterval: costCutInterval,
    yInterval: [atLastExit - lossInterval[1], atLastExit - lossInterval[0]],
    words: pointWords(policy, point, measure),
  };
}

/** A curve of several points. */
export function planeCurveOf({ policy, points }: Curve, isOwn: boolean, measure: string): PlaneCurve {
  const width = WIDTHS[isOwn ? 'own' : ALWAYS_DRAWN.includes(policy) ? 'always' : 'other'];
  return {
    ...{ id: policy, name: policyById(policy).name, stroke: strokeOfPolicy(policy), width, isProminent: isOwn },
    points: points.map((point) => planePointOf(policy, point, measure)),
  };
}

/** A policy that is one point, whatever is set. */
export function planeMarksOf({ policy, points }: Curve, measure: string): PlaneMark[] {
  const { name } = policyById(policy);
  return points.map((point) => ({ ...planePointOf(policy, point, measure), name, colour: colourOfPolicy(policy) }));
}

/** Of points and names. */
export function colourOfPolicy(policy: string): string {
  return ALWAYS_DRAWN.includes(policy) ? shade('ink') : strokeOf(placeOf(policy)).colour;
}

function strokeOfPolicy(policy: string): Stroke {
  return ALWAYS_DRAWN.includes(policy) ? { colour: shade('muted'), dash: [3, 3] } : strokeOf(placeOf(policy));
}
