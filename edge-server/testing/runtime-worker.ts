import type { LayerRuntime } from '../../core/model/layer-runtime';
import type { ComputeWorker, Done, JobKind, Jobs, Order } from '../compute/jobs';

/** A worker without a thread, over a runtime whose answers are promises; of coded payloads it knows nothing. */
export class RuntimeWorker implements ComputeWorker {
  readonly ended = new Promise<void>(() => undefined);

  constructor(
    private readonly runtime: LayerRuntime,
    private readonly hidden: number,
  ) {}

  async do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>> {
    const startedAt = performance.now();
    const answer = await this.#answerTo({ kind, asked } as Order);
    return { answer: answer as Jobs[Kind]['answer'], computeMs: performance.now() - startedAt };
  }

  interrupt(): void {
    // It runs a layer at a time.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #answerTo({ kind, asked }: Order): Promise<Jobs[JobKind]['answer']> {
    switch (kind) {
      case 'open':
        return { runtime: 'native', fallback: undefined };
      case 'tokenize':
        return this.runtime.tokenize(asked.texts);
      case 'embed':
        return (await this.runtime.embed(asked.tokens)).data;
      case 'climb':
        return this.#runLayer(asked);
      case 'read':
      case 'write':
        throw new Error(`This worker cannot ${kind} a coded payload.`);
    }
  }

  async #runLayer({ layer, rows }: Jobs['climb']['asked']): Promise<Jobs['climb']['answer']> {
    const startedAt = performance.now();
    const states: Float32Array[] = [];
    const logits: number[] = [];
    const { hidden } = this;
    for (const { state: data } of rows) {
      const output = await this.runtime.runLayer(layer, { tokens: data.length / hidden, hidden, data });
      states.push(output.state.data);
      logits.push(...output.logits);
    }
    return { states, layers: [{ logits: Float32Array.from(logits), computeMs: performance.now() - startedAt }] };
  }
}
