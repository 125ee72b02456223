import { costCutPercent, type CostWeights } from '../cost';
import { at } from '../numbers/at';
import type { Frame } from '../policies/decision';
import type { PolicyParameters } from '../policies';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { type Effect, Effects } from './effects';
import { GridLines, type GridEffect } from './grid-lines';
import type { GridPoint } from './parameter-grid';

/** What parameters are looked for. */
export type Aim =
  /** The cheapest expected to lose at most so many points of accuracy to the last exit. */
  | { readonly kind: 'allowedLoss'; readonly points: number }
  /** Those expected to lose least that cost at least so much less than all cloud. */
  | { readonly kind: 'equalCost'; readonly costCutPercent: number };

/** Parameters, and what they do to the trace they were found on. */
export interface Optimum {
  readonly parameters: PolicyParameters;
  /** False where no parameters keep to the aim: then these come nearest to it. */
  readonly isReached: boolean;
  /** By `expectedLosses`, in points: what the aim goes by. */
  readonly expectedLossPoints: number;
  /** As counted on the rows: accuracy at the last exit less accuracy where samples left, in points. */
  readonly lossPoints: number;
  readonly costCutPercent: number;
}

/** How many places to either side of the best are tried when the grid grows finer. */
const REACH = 2;
/** Floating-point numbers may miss what they would be on paper by so much. */
const ROUNDING = 1e-9;

/**
 * Looks for the policy's best parameters on a trace, among the values that its sliders can take. One parameter is swept
 * from end to end; of the others a coarse grid first, spaced by what it costs, and tiers' thresholds all alike; then ever
 * finer ones around the best point so far; at last each parameter alone, until none gets better. With one or two
 * parameters that is every point there is; with more, a better one may go unseen. Among equally good points the nearest to the defaults wins. Deterministic.
 * What a point loses is not counted but expected (`expectedLosses`): of so many points, the one that seems to lose least on
 * a few hundred rows is also the luckiest. It is still chosen on this trace: report on another.
 * @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have.
 */
export function optimise(calibrated: CalibratedTrace, frame: Frame, aim: Aim, costs: CostWeights): Optimum {
  const search = new Search(calibrated, frame, aim, costs);
  const { parameters, isReached, expectedLossPoints, lossPoints, costCutPercent } = search.run();
  return { parameters, isReached, expectedLossPoints, lossPoints, costCutPercent };
}

/** Compared from the first number to the last; the smaller is the better. */
type Rank = readonly [excess: number, first: number, second: number, stepsFromDefaults: number];

interface RankedPoint extends Optimum {
  readonly point: GridPoint;
  readonly rank: Rank;
}

class Search {
  readonly #lines: GridLines<Effect>;

  constructor(
    private readonly calibrated: CalibratedTrace,
    frame: Frame,
    private readonly aim: Aim,
    private readonly costs: CostWeights,
  ) {
    const effects = new Effects(calibrated, frame, costs);
    this.#lines = new GridLines(frame.policy, calibrated.trace.layers, (line) => effects.measure(line));
  }

  run(): RankedPoint {
    const { outer } = this.#lines;
    const coarse = this.#lines.coarsePlaces();
    let best = [this.#bestAmong(coarse), ...this.#candidates(this.#lines.sameOnEveryTier())].reduce(better);
    let spacings = outer.map((axis, index) => widestGap(at(coarse, index), at(best.point, axis)));
    while (spacings.some((spacing) => spacing > 1)) {
      spacings = spacings.map((spacing) => Math.ceil(spacing / 2));
      const around = outer.map((axis, index) => this.#around(axis, at(best.point, axis), at(spacings, index)));
      best = better(best, this.#bestAmong(around));
    }
    return this.#polish(best);
  }

  /** One parameter after the other, until none gets better. */
  #polish(start: RankedPoint): RankedPoint {
    let [best, before] = [start, undefined as RankedPoint | undefined];
    while (best !== before) {
      before = best;
      for (const axis of this.#lines.grid.axes.keys()) {
        best = [best, ...this.#candidates(this.#lines.line(axis, best.point))].reduce(better);
      }
    }
    return best;
  }

  /** The best point of the lines through these places on the outer axes. */
  #bestAmong(places: readonly (readonly number[])[]): RankedPoint {
    return this.#lines
      .linesThrough(places)
      .map((line) => this.#candidates(line).reduce(better))
      .reduce(better);
  }

  #around(axis: number, centre: number, spacing: number): number[] {
    const last = at(this.#lines.grid.axes, axis).values.length - 1;
    const places = Array.from({ length: 2 * REACH + 1 }, (_, step) => centre + (step - REACH) * spacing);
    return [...new Set(places.map((place) => Math.min(Math.max(place, 0), last)))];
  }

  #candidates(line: readonly GridEffect<Effect>[]): RankedPoint[] {
    return line.map(({ point, parameters, stepsFromDefaults, meanCost, expectedLoss, quality }) => {
      const cut = costCutPercent(meanCost, this.calibrated.trace.layers, this.costs);
      const lossPoints = 100 * (quality.accuracyAtLastExit - quality.accuracy);
      const expectedLossPoints = withoutNoise(100 * expectedLoss);
      const excess = Math.max(this.#excess(expectedLossPoints, cut), 0);
      const byLoss = this.aim.kind === 'equalCost';
      const [first, second] = byLoss ? [expectedLossPoints, meanCost] : [meanCost, expectedLossPoints];
      const rank = [excess, first, second, stepsFromDefaults] as const;
      return { point, rank, parameters, isReached: excess === 0, expectedLossPoints, lossPoints, costCutPercent: cut };
    });
  }

  /** By how much a point misses the aim. */
  #excess(expectedLossPoints: number, cut: number): number {
    const { aim } = this;
    return (aim.kind === 'allowedLoss' ? expectedLossPoints - aim.points : aim.costCutPercent - cut) - ROUNDING;
  }
}

/** Sums of the same numbers in another order are the same number. */
function withoutNoise(points: number): number {
  return Math.round(points / ROUNDING) * ROUNDING;
}

/** From a place to the farther of its neighbours in an ascending list. */
function widestGap(places: readonly number[], place: number): number {
  const index = places.indexOf(place);
  return Math.max(place - (places[index - 1] ?? place), (places[index + 1] ?? place) - place);
}

/** The better of two; the first where they are equal. */
function better(one: RankedPoint, other: RankedPoint): RankedPoint {
  for (let index = 0; index < one.rank.length; index++) {
    const difference = at(other.rank, index) - at(one.rank, index);
    if (difference !== 0) return difference < 0 ? other : one;
  }
  return one;
}
