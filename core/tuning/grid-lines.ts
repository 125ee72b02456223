import { at } from '../numbers/at';
import type { Policy, PolicyParameters } from '../policies';
import { combinations, type GridPoint, ParameterGrid, spacedByCost } from './parameter-grid';

/** What some parameters do, and where they stand. */
export type GridEffect<Effect> = Effect & {
  readonly point: GridPoint;
  readonly parameters: PolicyParameters;
  /** How many slider steps they are from the defaults. */
  readonly stepsFromDefaults: number;
};

/** Lines of the coarse grid: with three sliders 8 × 8, each swept over all values of the third. */
const COARSE_LINES = 64;

/**
 * A policy's parameter grid, measured line by line. One axis is swept from end to end, of the others places are chosen: a
 * sweep is cheap where scores stay as they are. Every search over parameters walks on these lines.
 */
export class GridLines<Effect extends { readonly meanCost: number }> {
  readonly grid: ParameterGrid;
  /** The axis that is swept from end to end; −1 where there is none. */
  readonly inner: number;
  /** All other axes. */
  readonly outer: readonly number[];

  constructor(
    policy: Policy,
    layers: number,
    private readonly measure: (line: readonly PolicyParameters[]) => readonly Effect[],
  ) {
    this.grid = new ParameterGrid(policy, layers);
    this.inner = this.grid.axes.findLastIndex(({ spec }) => !spec.shapesScore);
    this.outer = [...this.grid.axes.keys()].filter((axis) => axis !== this.inner);
  }

  /** Every point of a line; of no axis, the point alone. */
  line(axis: number, through: GridPoint): GridEffect<Effect>[] {
    return this.#effectsAt(axis < 0 ? [through] : this.grid.line(axis, through));
  }

  /** The points with the same threshold on every tier, where each tier has one; none otherwise. */
  sameOnEveryTier(): GridEffect<Effect>[] {
    const [first, ...others] = this.grid.axes;
    const isByTier = others.length > 0 && this.grid.axes.every(({ spec }) => spec.tier);
    return first && isByTier ? this.#effectsAt(first.values.map((_, index) => this.grid.start.map(() => index))) : [];
  }

  #effectsAt(points: readonly GridPoint[]): GridEffect<Effect>[] {
    const parameters = points.map((point) => this.grid.parametersAt(point));
    return this.measure(parameters).map((effect, index) => {
      const point = at(points, index);
      const stepsFromDefaults = this.grid.stepsFromStart(point);
      return { ...effect, point, parameters: at(parameters, index), stepsFromDefaults };
    });
  }

  /** The swept lines through every combination of these places on the outer axes. */
  linesThrough(places: readonly (readonly number[])[]): GridEffect<Effect>[][] {
    return combinations(places).map((place) => {
      const through = this.outer.reduce((some, axis, index) => some.with(axis, at(place, index)), this.grid.start);
      return this.line(this.inner, through);
    });
  }

  /** Places on each outer axis, with all else at its defaults, between which mean costs take equal steps. */
  coarsePlaces(): number[][] {
    const most = Math.floor(COARSE_LINES ** (1 / this.outer.length));
    return this.outer.map((axis) => {
      const costs = this.line(axis, this.grid.start).map(({ meanCost }) => meanCost);
      return spacedByCost(costs, most);
    });
  }
}
