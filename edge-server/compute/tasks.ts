import type { HiddenState } from '../../core/hidden-state';
import type { Ascent, ExitRule } from '../../core/ladder/ascent';
import { toLayer } from '../../core/layers';
import { at } from '../../core/numbers/at';
import type { Asker } from '../../core/scheduling/asker';
import type { ClimbAnswer, ComputeWorker, Done, JobKind, Jobs, LayerPart, Part } from './jobs';
import type { Task } from './pool';
import { sendable } from './shared-memory';

/** Adds a task for which somebody waits. */
type Add = (task: Task) => void;

/** A job that is done alone. */
export interface LoneJob<Kind extends JobKind> extends Pick<Task, 'part' | 'tokens' | 'isLong' | 'asker'> {
  readonly job: Kind;
  readonly asked: Jobs[Kind]['asked'];
}

/** @throws DimeeError as the job says, `DEADLINE_EXCEEDED`, `RUNTIME_LOST`, or the reason of an aborted signal. */
export function doAlone<Kind extends JobKind>(add: Add, lone: LoneJob<Kind>): Promise<Jobs[Kind]['answer']> {
  const { job, asked, ...work } = lone;
  return new Promise((resolve, fail) => {
    add({
      ...work,
      perform: (worker) => worker.do(job, asked),
      // The answer to a job is that of its kind.
      deliver: ({ answer }) => resolve(answer),
      fail,
    });
  });
}

/** Where a sample climbs from. */
export interface ClimbFrom {
  readonly part: LayerPart;
  readonly state: HiddenState;
  /** Without one it stops after the layer. */
  readonly rule?: ExitRule | undefined;
}

/** One sample that climbs, beside whoever else is at its layer. */
class ClimbTask implements Task {
  readonly part: LayerPart;
  readonly kind: string;
  readonly tokens: number;

  constructor(
    readonly from: ClimbFrom,
    readonly asker: Asker,
    private readonly resolve: (ascent: Ascent) => void,
    readonly fail: (reason: unknown) => void,
  ) {
    this.part = from.part;
    this.kind = `${from.part.variant} ${from.part.layer}`;
    this.tokens = from.state.tokens;
  }

  perform(worker: ComputeWorker, batch: readonly Task[]): Promise<Done<'climb'>> {
    const { variant, layer } = this.part;
    // Tasks of one kind are all climbs from one layer.
    const climbs = batch.filter((task) => task instanceof ClimbTask);
    const rows = climbs.map(({ from: { state, rule } }) => ({ state: sendable(state.data), rule }));
    return worker.do('climb', { variant, layer, rows });
  }

  deliver({ answer }: Done, batch: readonly Task[]): void {
    const { states, layers } = answer as ClimbAnswer;
    const row = batch.indexOf(this);
    const outputs = layers.map(({ logits, computeMs }) => {
      const classes = logits.length / batch.length;
      return { logits: logits.subarray(row * classes, (row + 1) * classes), computeMs };
    });
    this.resolve({ outputs, state: { ...this.from.state, data: at(states, row) } });
  }

  partsOf({ answer }: Done): readonly Part[] {
    const { layers } = answer as ClimbAnswer;
    return layers.map((_, above) => ({ ...this.part, layer: toLayer(this.part.layer + above) }));
  }
}

/** @throws DimeeError as `doAlone`. */
export function climb(add: Add, from: ClimbFrom, asker: Asker): Promise<Ascent> {
  return new Promise((resolve, fail) => add(new ClimbTask(from, asker, resolve, fail)));
}
