import { at } from '../../core/numbers/at';
import type { CostWeights } from '../../core/cost';
import { TIERS, toLayer } from '../../core/layers';
import type { Texts } from '../../core/model/tokens';
import type { ModelledJourney, Journey } from '../../core/network/journey';
import { wayOf } from '../../core/network/trace-journeys';
import type { Decision } from '../../core/policies/decision';
import type { CalibratedTrace } from '../../core/trace/calibrated-trace';
import type { Evaluation } from '../../core/trace/evaluate';
import { type RowTraits, traitsOfTrace } from '../../core/trace/row-traits';
import { recordedClimb, recordedOutcome } from '../../core/trace/trace-rows';
import type { ResultRow, RowSource } from './row-source';

/** What rows of a trace are made of. */
export interface RecordedRows {
  readonly kind: RowSource['kind'];
  readonly name: string;
  readonly labels: readonly string[];
  readonly calibrated: CalibratedTrace;
  readonly evaluation: Evaluation;
  readonly decision: Decision;
  readonly costs: CostWeights;
  /** What people said of the rows. */
  readonly gold: Uint8Array | undefined;
  /** Texts of the rows, where the source has them, and where each begins in its file. */
  readonly written?: { readonly texts: readonly Texts[]; readonly lines: Uint32Array } | undefined;
  /** A trace is not timed: its times are modelled on the network that is set. */
  readonly model: (journey: Journey) => ModelledJourney;
}

/** Rows all exits of which are known: the dev split, or a file that was run. */
export class TraceRows implements RowSource {
  readonly hasAllExits = true;
  readonly times = 'modelled';
  #traits: RowTraits | undefined;

  constructor(private readonly of: RecordedRows) {}

  get kind() {
    return this.of.kind;
  }

  get name() {
    return this.of.name;
  }

  get labels() {
    return this.of.labels;
  }

  get count() {
    return this.of.calibrated.trace.rows;
  }

  get hasTexts() {
    return this.of.written !== undefined;
  }

  get hasGold() {
    return this.of.gold !== undefined;
  }

  get traits(): RowTraits {
    const { calibrated, evaluation, gold } = this.of;
    this.#traits ??= traitsOfTrace(calibrated, evaluation, gold);
    return this.#traits;
  }

  numberOf(index: number): number {
    return this.of.written?.lines[index] ?? index + 1;
  }

  rowAt(index: number): ResultRow | undefined {
    if (index >= this.count) return undefined;
    const { calibrated, decision, costs, written, gold } = this.of;
    const climbed = recordedClimb(calibrated, index);
    const outcome = recordedOutcome(climbed, calibrated, index, decision, costs);
    const modelled = this.#modelled(index);
    return {
      texts: written?.texts[index],
      climbed,
      outcome: outcome && { ...outcome, ...modelled },
      gold: gold?.[index],
    };
  }

  #modelled(index: number) {
    const { calibrated, evaluation, decision, model } = this.of;
    const exitLayer = toLayer(at(evaluation.exitLayers, index));
    const stretches = wayOf(decision, at(TIERS, at(evaluation.tiers, index)), exitLayer);
    const { latencyMs, bytesUp, bytesDown } = model({
      stretches,
      exitLayer,
      tokens: at(calibrated.trace.tokens, index),
    });
    return { latencyMs, bytesUp: Math.round(bytesUp), bytesDown: Math.round(bytesDown) };
  }
}
