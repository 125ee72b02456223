import type { CostWeights } from '../../core/cost';
import { type ExitPart, ExitRecorder } from '../../core/own-data/exit-record';
import type { OwnRows } from '../../core/own-data/own-rows';
import { DimeeError } from '../../core/errors';
import type { Decision } from '../../core/policies/decision';
import { type Manifest, taskExits, type Task } from '../../core/model/manifest';
import { climbedFurther, NOT_CLIMBED, outcomeOf } from '../../core/ladder/outcome';
import type { PolicyChoice } from '../../core/policies';
import { rowSeedFor } from '../../core/policies/needs';
import { EVERY_EXIT, type RecordedPart, TraceRecorder } from '../../core/trace/record';
import type { SampleResult } from '../../core/ladder/hybrid-tier';
import type { OwnResult } from './OwnResult';

/** What a run asks of the ladder, and what it keeps of the answers. */
export interface Collector {
  readonly policy: PolicyChoice;
  /** Whether it keeps distances to pools, so that the run has to measure them. */
  readonly measurePools?: true;
  readonly count: number;
  /** @throws DimeeError where the answer is not what was asked for. */
  add(row: number, result: SampleResult): void;
  has(row: number): boolean;
  /** What was found out of some rows, to be taken by another collector of the same job. */
  part(rows: Uint32Array): CollectedPart;
  take(part: CollectedPart): void;
  /** What was found out of the rows so far; there must be one at least. */
  result(): Pick<OwnResult, 'rowNumbers' | 'trace' | 'exits'>;
}

/** As a browser can keep it. */
export type CollectedPart =
  | { readonly depth: 'everyExit'; readonly recorded: RecordedPart }
  | { readonly depth: 'ownExit'; readonly recorded: ExitPart };

/** Takes every row through all exits, and measures its distances to the pools, so that the run becomes a trace. */
export function everyExitCollector(rows: OwnRows, taskId: string, task: Task, manifest: Manifest): Collector {
  const shape = { rows: rows.texts.length, layers: manifest.layers, classes: task.labels.length };
  const recorder = new TraceRecorder(shape);
  const about = { task: taskId, split: 'own rows', model: manifest.id, modelHash: manifest.hash };
  return {
    policy: EVERY_EXIT,
    measurePools: true,
    get count() {
      return recorder.count;
    },
    add: (row, result) => recorder.add(row, result),
    has: (row) => recorder.has(row),
    part: (of) => ({ depth: 'everyExit', recorded: recorder.part(of) }),
    take: (part) => {
      if (part.depth === 'everyExit') recorder.take(part.recorded);
    },
    result: () => ({ rowNumbers: recorder.rows(), trace: recorder.trace(about, rows.gold), exits: undefined }),
  };
}

/** Takes every row to where it leaves under a decision, and keeps no more than that. */
export function ownExitCollector(rows: OwnRows, task: Task, decision: Decision, costs: CostWeights): Collector {
  const recorder = new ExitRecorder(rows.texts.length);
  const { policy, parameters } = decision;
  return {
    policy: { id: policy.id, parameters: { ...parameters } },
    get count() {
      return recorder.count;
    },
    add: (row, result) => {
      const climbed = climbedFurther(NOT_CLIMBED, result, (logits) => taskExits(task, logits));
      const rowSeed = rowSeedFor(policy, rows.texts[row] ?? []);
      const outcome = outcomeOf(climbed, decision, costs, { rowSeed });
      if (!outcome) throw new DimeeError('INTERNAL', 'The ladder answered before the row had left.');
      recorder.add(row, outcome);
    },
    has: (row) => recorder.has(row),
    part: (of) => ({ depth: 'ownExit', recorded: recorder.part(of) }),
    take: (part) => {
      if (part.depth === 'ownExit') recorder.take(part.recorded);
    },
    result: () => ({ rowNumbers: recorder.rows(), trace: undefined, exits: recorder.columns() }),
  };
}
