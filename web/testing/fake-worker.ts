import { toLayer } from '../../core/layers';
import { readingOf } from '../../core/model/reading';
import type { PageMessage, RunMessage, WorkerMessage } from '../../core/protocol/page-messages';

/** Stands for the mobile tier's worker: notes what it is asked, and answers when the test says so. */
export class FakeWorker {
  onmessage: ((event: MessageEvent<WorkerMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: ((event: MessageEvent) => void) | null = null;
  isTerminated = false;
  readonly asked: PageMessage[] = [];

  get runs(): RunMessage[] {
    return this.asked.filter((message) => message.type === 'run');
  }

  /** The latest run. */
  get run(): RunMessage {
    const run = this.runs.at(-1);
    if (!run) throw new Error('Nothing has been run.');
    return run;
  }

  postMessage(message: PageMessage): void {
    this.asked.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Answers the latest run: every sample runs one layer, which is as sure as `logit` makes it. */
  answer(logit: number, samples = this.run.samples, reading = readingOf([{ tokens: 2, read: 2, unknown: 0 }])): void {
    const { runId } = this.run;
    for (const { sampleKey, priorLogits } of samples) {
      const layer = toLayer(priorLogits.length + 1);
      const step = { layer, logits: [logit, 0], tier: 'mobile', computeMs: 1, saturation: 0.5 } as const;
      const result = {
        steps: [step],
        stepsAfter: layer - 1,
        crossings: [],
        tokens: 4,
        queueMs: 0,
        startedAt: 0,
        totalMs: 1,
      };
      this.tell({ type: 'result', runId, sampleKey, result: { ...result, ranLocally: undefined, reading } });
    }
  }

  finish(stopped = false): void {
    this.tell({ type: 'finished', runId: this.run.runId, stopped });
  }

  tell(data: WorkerMessage): void {
    this.onmessage?.({ data } as MessageEvent<WorkerMessage>);
  }
}
