import { at } from '../numbers/at';
import { type ParameterSpec, parametersOf, type Policy, type PolicyParameters } from '../policies';

/** A parameter and all values of its slider, ascending. */
export interface Axis {
  readonly spec: ParameterSpec;
  readonly values: readonly number[];
}

/** Indices of values, by axis. */
export type GridPoint = readonly number[];

/** The values that a policy's sliders can take. Parameters that are hidden or a promise keep their defaults. */
export class ParameterGrid {
  readonly axes: readonly Axis[];
  /** The defaults, or what is nearest to them. */
  readonly start: GridPoint;
  readonly #defaults: PolicyParameters;

  /** `layers` are those of the model; `isFree` names the parameters that take other values than their defaults. */
  constructor(policy: Policy, layers: number, isFree: (spec: ParameterSpec) => boolean = isSearched) {
    const parameters = parametersOf(policy, layers);
    this.axes = parameters.filter(isFree).map((spec) => ({ spec, values: valuesOf(spec) }));
    this.start = this.axes.map(({ spec: { min, step, default: preset } }) => Math.round((preset - min) / step));
    this.#defaults = Object.fromEntries(parameters.map((spec) => [spec.id, spec.default]));
  }

  parametersAt(point: GridPoint): PolicyParameters {
    const chosen = this.axes.map(({ spec, values }, axis) => [spec.id, at(values, at(point, axis))]);
    return { ...this.#defaults, ...(Object.fromEntries(chosen) as PolicyParameters) };
  }

  /** All points that differ from one in nothing but their place on an axis. */
  line(axis: number, point: GridPoint): GridPoint[] {
    return at(this.axes, axis).values.map((_, index) => point.with(axis, index));
  }

  /** How many slider steps a point is from the defaults. */
  stepsFromStart(point: GridPoint): number {
    return point.reduce((steps, index, axis) => steps + Math.abs(index - at(this.start, axis)), 0);
  }
}

/** Whether a search may change it. */
export function isSearched({ isHidden, isPromise }: Pick<ParameterSpec, 'isHidden' | 'isPromise'>): boolean {
  return !isHidden && !isPromise;
}

/** From the least to the greatest in the slider's steps, as decimals that read well. */
function valuesOf({ min, max, step }: ParameterSpec): readonly number[] {
  const count = Math.round((max - min) / step);
  return Array.from({ length: count + 1 }, (_, index) => Number(Math.min(min + index * step, max).toPrecision(12)));
}

/** Every choice of one item from each list; one empty choice from no lists. */
export function combinations<Item>(lists: readonly (readonly Item[])[]): Item[][] {
  return lists.reduce<Item[][]>((some, list) => some.flatMap((choice) => list.map((item) => [...choice, item])), [[]]);
}

/**
 * Places of a line, at most so many or two, between which its mean costs take equal steps; both ends included. `costs` has
 * one for every place.
 */
export function spacedByCost(costs: readonly number[], most: number): number[] {
  const places = Math.max(most, 2);
  if (costs.length <= places) return [...costs.keys()];
  const [cheapest, dearest] = [Math.min(...costs), Math.max(...costs)];
  const steps = costs.map((cost) => Math.floor((places - 1) * ((cost - cheapest) / (dearest - cheapest || 1))));
  return [...costs.keys()].filter(
    (place) => place === 0 || place === costs.length - 1 || steps[place] !== steps[place - 1],
  );
}
