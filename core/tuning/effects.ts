import { costByExitLayer, type CostWeights } from '../cost';
import { at } from '../numbers/at';
import { type Frame, thresholdsByLayer } from '../policies/decision';
import type { PolicyParameters } from '../policies';
import { NOTHING_FITTED } from '../policies/fitted';
import { availableRecorded, checkNeeds } from '../policies/needs';
import type { Quality } from '../summary';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { evaluate } from '../trace/evaluate';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { type ScoredTrace, scoreKey, scoreTrace } from '../trace/replay';
import { sweep, sweepMonotone, type SweepPoint } from '../trace/sweep';

/** What parameters do to the trace that they are chosen on. */
export interface Effect {
  readonly quality: Quality;
  /** By `expectedLosses`, mean over rows, a share: what choices go by. */
  readonly expectedLoss: number;
  readonly meanCost: number;
}

/** Measures lines of parameters of one policy on one trace; scores are kept while they stay as they are. */
export class Effects {
  readonly #scores = new Map<string, ScoredTrace>();
  readonly #layerCosts: readonly number[];

  /** @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have. */
  constructor(
    private readonly calibrated: CalibratedTrace,
    private readonly frame: Frame,
    private readonly costs: CostWeights,
  ) {
    checkNeeds(frame.policy, availableRecorded(frame.fitted ?? NOTHING_FITTED, calibrated.trace));
    this.#layerCosts = costByExitLayer(calibrated.trace.layers, frame.stretches, costs);
  }

  /** In the order of the line, of which neighbours differ in one parameter. */
  measure(line: readonly PolicyParameters[]): Effect[] {
    if (!this.frame.policy.tierFor) {
      return this.#sweep(line).map((point) => ({ ...point, meanCost: this.#meanCost(point) }));
    }
    return line.map((parameters) => {
      const { exitLayers, quality, summary } = evaluate(this.calibrated, { ...this.frame, parameters }, this.costs);
      return { quality, expectedLoss: meanLossAt(exitLayers, this.#scored(parameters)), meanCost: summary.meanCost };
    });
  }

  /** Of rows that all take the same way. */
  #meanCost({ exitsByLayer }: SweepPoint): number {
    const costs = exitsByLayer.map((exits, index) => exits * at(this.#layerCosts, index));
    return costs.reduce((sum, cost) => sum + cost, 0) / this.calibrated.trace.rows;
  }

  /** Straight to `sweepMonotone` where it will do, past the decisions: a search sweeps hundreds of lines. */
  #sweep(line: readonly PolicyParameters[]): SweepPoint[] {
    const [first, last] = [at(line, 0), at(line, line.length - 1)];
    const isScoredOnce = this.#scoreKey(first) === this.#scoreKey(last);
    const swept = isScoredOnce && sweepMonotone(this.#scored(first), thresholdsByLayer(this.frame, line));
    if (swept) return swept;
    const decisions = line.map((parameters) => ({ ...this.frame, parameters }));
    return sweep(this.calibrated, decisions, ({ parameters }) => this.#scored(parameters));
  }

  #scoreKey(parameters: PolicyParameters): string {
    return scoreKey({ ...this.frame, parameters });
  }

  #scored(parameters: PolicyParameters): ScoredTrace {
    const key = this.#scoreKey(parameters);
    const found = this.#scores.get(key);
    if (found) return found;
    const scored = scoreTrace(this.calibrated, { ...this.frame, parameters });
    const withLosses = { ...scored, expectedLosses: expectedLosses(scored, this.frame.fitted) };
    this.#scores.set(key, withLosses);
    return withLosses;
  }
}
