import type { CostWeights } from '../cost';
import type { Decision } from '../policies/decision';
import type { Policy, PolicyParameters } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { evaluateAll } from '../trace/evaluate';
import { combinations, type GridPoint, ParameterGrid, spacedByCost } from './parameter-grid';

/** All that a path is looked for in. */
export interface PathSetting {
  readonly trace: CalibratedTrace;
  readonly policy: Policy;
  readonly decisionFor: (parameters: PolicyParameters) => Decision;
  readonly costs: CostWeights;
}

/** Lines of the coarse grid: with three sliders 8 × 8, each swept over all values of the third. */
const COARSE_LINES = 64;
/** How often the grid's other lines through the best points so far are swept. */
const ROUNDS = 2;
/** Points of a path: enough for a smooth curve, and to have each of them measured with its interval. */
export const MOST_POINTS = 40;

/**
 * The parameters, of all that the policy's sliders can take, that no others beat on this trace in cost and in accuracy;
 * the cheapest first, at most `MOST_POINTS` of them. Of equally good ones those nearest to the defaults. One parameter is
 * swept from end to end; of the others a coarse grid, then every line of the grid through the best points so far. With one
 * parameter that is every point there is; with more, better ones may go unseen. Deterministic.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function paretoPath(setting: PathSetting): readonly PolicyParameters[] {
  return new PathSearch(setting).run();
}

/** Baselines choose nothing: all values of their slider, or as many as a path has, in equal steps. */
export function wholePath(policy: Policy): readonly PolicyParameters[] {
  const grid = new ParameterGrid(policy);
  const line = grid.axes.length > 0 ? grid.line(0, grid.start) : [grid.start];
  const step = Math.ceil(line.length / MOST_POINTS);
  return line.filter((_, place) => place % step === 0 || place === line.length - 1).map((at) => grid.parametersAt(at));
}

interface Candidate {
  readonly point: GridPoint;
  readonly meanCost: number;
  readonly accuracy: number;
  readonly stepsFromDefaults: number;
}

class PathSearch {
  readonly #grid: ParameterGrid;
  /** The axis that is swept from end to end, and the others. */
  readonly #inner: number;
  readonly #outer: readonly number[];
  /** The cheapest first, each more accurate than the one before. */
  #best: readonly Candidate[] = [];

  constructor(private readonly setting: PathSetting) {
    this.#grid = new ParameterGrid(setting.policy);
    // A sweep is cheap where scores stay as they are.
    this.#inner = this.#grid.axes.findLastIndex(({ spec }) => !spec.shapesScore);
    this.#outer = [...this.#grid.axes.keys()].filter((axis) => axis !== this.#inner);
  }

  run(): readonly PolicyParameters[] {
    for (const place of combinations(this.#outer.map((axis) => this.#spacedByCost(axis)))) {
      const point = this.#outer.reduce((some, axis, at) => some.with(axis, place[at] ?? 0), this.#grid.start);
      this.#take(this.#line(this.#inner, point));
    }
    for (let round = 0; round < ROUNDS && this.#outer.length > 0; round++) {
      for (const { point } of spread(this.#best)) {
        for (const axis of this.#grid.axes.keys()) this.#take(this.#line(axis, point));
      }
    }
    return spread(this.#best).map(({ point }) => this.#grid.parametersAt(point));
  }

  #take(candidates: readonly Candidate[]): void {
    this.#best = undominated([...this.#best, ...candidates]);
  }

  /** Places on an outer axis, with all else at its defaults. */
  #spacedByCost(axis: number): number[] {
    const costs = this.#line(axis, this.#grid.start).map(({ meanCost }) => meanCost);
    return spacedByCost(costs, Math.floor(COARSE_LINES ** (1 / this.#outer.length)));
  }

  /** Every point of a line; of no axis, the point alone. */
  #line(axis: number, at: GridPoint): Candidate[] {
    const { trace, decisionFor, costs } = this.setting;
    const points = axis < 0 ? [at] : this.#grid.line(axis, at);
    const decisions = points.map((point) => decisionFor(this.#grid.parametersAt(point)));
    return evaluateAll(trace, decisions, costs).map(({ summary, quality }, index) => {
      const point = points[index] ?? [];
      const stepsFromDefaults = this.#grid.stepsFromStart(point);
      return { point, meanCost: summary.meanCost, accuracy: quality.accuracy, stepsFromDefaults };
    });
  }
}

/** Those that no other beats in both, the cheapest first. */
function undominated(candidates: readonly Candidate[]): Candidate[] {
  const sorted = candidates.toSorted(
    (one, other) =>
      one.meanCost - other.meanCost || other.accuracy - one.accuracy || one.stepsFromDefaults - other.stepsFromDefaults,
  );
  let mostAccurate = Number.NEGATIVE_INFINITY;
  return sorted.filter(({ accuracy }) => {
    const isBetter = accuracy > mostAccurate;
    if (isBetter) mostAccurate = accuracy;
    return isBetter;
  });
}

/** At most `MOST_POINTS` of a path, about equally far apart in cost; both ends included. */
function spread(path: readonly Candidate[]): readonly Candidate[] {
  const [least, most] = [path[0]?.meanCost ?? 0, path.at(-1)?.meanCost ?? 0];
  const stepOf = ({ meanCost }: Candidate) =>
    Math.floor((MOST_POINTS - 2) * ((meanCost - least) / (most - least || 1)));
  return path.filter((candidate, index) => {
    const before = path[index - 1];
    return !before || index === path.length - 1 || stepOf(candidate) !== stepOf(before);
  });
}
