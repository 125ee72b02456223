import { at, lastOf } from '../numbers/at';
import type { CostWeights } from '../cost';
import type { Frame } from '../policies/decision';
import type { Policy, PolicyParameters } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { type Effect, Effects } from './effects';
import { GridLines, type GridEffect } from './grid-lines';
import { ParameterGrid } from './parameter-grid';

/** All that a path is looked for in. */
export interface PathSetting {
  readonly trace: CalibratedTrace;
  readonly frame: Frame;
  readonly costs: CostWeights;
}

/** How often the grid's other lines through the best points so far are swept. */
const ROUNDS = 2;
/** Sums of the same losses in another order are the same loss. */
const ROUNDING = 1e-9;
/** Points of a path: enough for a smooth curve, and to have each of them measured with its interval. */
export const MOST_POINTS = 40;

/**
 * The parameters, of all that the policy's sliders can take, that no others beat on this trace in cost and in
 * what they are expected to lose; the cheapest first, at most `MOST_POINTS` of them. Of equally good ones those nearest to the defaults. One parameter is
 * swept from end to end; of the others a coarse grid, then every line of the grid through the best points so far. With one
 * parameter that is every point there is; with more, better ones may go unseen. Deterministic.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function paretoPath(setting: PathSetting): readonly PolicyParameters[] {
  return new PathSearch(setting).run();
}

/** Where nothing is chosen: all values of the first slider, or as many as a path has, in equal steps. */
export function wholePath(policy: Policy, layers: number): readonly PolicyParameters[] {
  const grid = new ParameterGrid(policy, layers, ({ isHidden }) => !isHidden);
  const line = grid.axes.length > 0 ? grid.line(0, grid.start) : [grid.start];
  const step = Math.ceil(line.length / MOST_POINTS);
  return line
    .filter((_, place) => place % step === 0 || place === line.length - 1)
    .map((point) => grid.parametersAt(point));
}

type PathPoint = GridEffect<Effect>;

class PathSearch {
  readonly #lines: GridLines<Effect>;
  /** The cheapest first, each expected to lose less than the one before. */
  #best: readonly PathPoint[] = [];

  constructor({ trace, frame, costs }: PathSetting) {
    const effects = new Effects(trace, frame, costs);
    this.#lines = new GridLines(frame.policy, trace.trace.layers, (line) => effects.measure(line));
  }

  run(): readonly PolicyParameters[] {
    for (const line of this.#lines.linesThrough(this.#lines.coarsePlaces())) this.#take(line);
    for (let round = 0; round < ROUNDS && this.#lines.outer.length > 0; round++) {
      for (const { point } of spread(this.#best)) {
        for (const axis of this.#lines.grid.axes.keys()) this.#take(this.#lines.line(axis, point));
      }
    }
    return spread(this.#best).map(({ parameters }) => parameters);
  }

  #take(candidates: readonly PathPoint[]): void {
    this.#best = undominated([...this.#best, ...candidates]);
  }
}

/** Those that no other beats in both, the cheapest first. */
function undominated(candidates: readonly PathPoint[]): PathPoint[] {
  const sorted = candidates.toSorted(
    (one, other) =>
      one.meanCost - other.meanCost ||
      one.expectedLoss - other.expectedLoss ||
      one.stepsFromDefaults - other.stepsFromDefaults,
  );
  let leastLoss = Number.POSITIVE_INFINITY;
  return sorted.filter(({ expectedLoss }) => {
    const isBetter = expectedLoss < leastLoss - ROUNDING;
    if (isBetter) leastLoss = expectedLoss;
    return isBetter;
  });
}

/** At most `MOST_POINTS` of a path, about equally far apart in cost; both ends included. */
function spread(path: readonly PathPoint[]): readonly PathPoint[] {
  const [least, most] = [at(path, 0).meanCost, lastOf(path).meanCost];
  const stepOf = ({ meanCost }: PathPoint) =>
    Math.floor((MOST_POINTS - 2) * ((meanCost - least) / (most - least || 1)));
  return path.filter((candidate, index) => {
    const before = path[index - 1];
    return !before || index === path.length - 1 || stepOf(candidate) !== stepOf(before);
  });
}
