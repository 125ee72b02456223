import type { HiddenState } from '../../core/hidden-state';
import type { LayerOutput } from '../../core/model/layer-runtime';
import type { Asker } from '../../core/scheduling/asker';
import type { ComputeWorker, Done, JobKind, Jobs, Part } from './jobs';
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

/** One sample at a layer, beside whoever else is there. */
class LayerTask implements Task {
  readonly kind: string;
  readonly tokens: number;

  constructor(
    readonly part: Part & { readonly kind: 'layer' },
    readonly state: HiddenState,
    readonly asker: Asker,
    private readonly resolve: (output: LayerOutput) => void,
    readonly fail: (reason: unknown) => void,
  ) {
    this.kind = `${part.variant} ${part.layer}`;
    this.tokens = state.tokens;
  }

  perform(worker: ComputeWorker, batch: readonly Task[]): Promise<Done<'layer'>> {
    const { variant, layer } = this.part;
    return worker.do('layer', { variant, layer, rows: statesOf(batch).map(({ data }) => sendable(data)) });
  }

  deliver({ answer, computeMs }: Done, batch: readonly Task[]): void {
    const { states, logits } = answer as Jobs['layer']['answer'];
    const row = batch.indexOf(this);
    const { tokens, hidden } = this.state;
    const before = statesOf(batch.slice(0, row)).reduce((sum, state) => sum + state.tokens, 0);
    const classes = logits.length / batch.length;
    this.resolve({
      state: { tokens, hidden, data: states.subarray(before * hidden, (before + tokens) * hidden) },
      logits: logits.subarray(row * classes, (row + 1) * classes),
      computeMs,
    });
  }
}

/** @throws DimeeError as `doAlone`. */
export function runLayer(
  add: Add,
  part: Part & { readonly kind: 'layer' },
  state: HiddenState,
  asker: Asker,
): Promise<LayerOutput> {
  return new Promise((resolve, fail) => add(new LayerTask(part, state, asker, resolve, fail)));
}

/** Tasks of one kind are all at one layer. */
function statesOf(batch: readonly Task[]): HiddenState[] {
  return batch.filter((task) => task instanceof LayerTask).map(({ state }) => state);
}
