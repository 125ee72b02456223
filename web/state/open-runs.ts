import type { RunSample } from '../../core/ladder/hybrid-tier';
import type { RunMessage, WorkerMessage } from '../../core/protocol/page-messages';

export type MessageOf<Type extends WorkerMessage['type']> = Extract<WorkerMessage, { type: Type }>;

/** Samples, and what is asked of them. */
export type RunRequest = Omit<RunMessage, 'type' | 'runId'>;

/** What whoever started a run hears of it. */
export interface RunListener {
  readonly provisional?: (message: MessageOf<'provisional'>) => void;
  readonly result: (message: MessageOf<'result'>) => void;
  readonly failed: (message: MessageOf<'failed'>) => void;
  /** The last that is heard. */
  readonly finished: (message: MessageOf<'finished'>) => void;
}

interface OpenRun {
  readonly request: RunRequest;
  readonly listener: RunListener;
  /** Samples without an answer, in order. */
  readonly unanswered: Map<string, RunSample>;
  /** Set once it is to stop: ends it where the worker does not. */
  stopTimer: ReturnType<typeof setTimeout> | undefined;
}

/** Milliseconds that a worker has to end a run which is to stop. */
const STOP_MS = 2000;

/** Runs that have not ended, whichever worker they are with: each sample of theirs is answered once at most. */
export class OpenRuns {
  readonly #runs = new Map<number, OpenRun>();
  #lastRunId = 0;

  get count(): number {
    return this.#runs.size;
  }

  /** The run's message for the worker. */
  open(request: RunRequest, listener: RunListener): RunMessage {
    const runId = ++this.#lastRunId;
    const unanswered = new Map(request.samples.map((sample) => [sample.sampleKey, sample]));
    this.#runs.set(runId, { request, listener, unanswered, stopTimer: undefined });
    return { type: 'run', runId, ...request };
  }

  /** To be told that a run is to stop: it ends soon, whatever becomes of its worker. */
  stop(runId: number): void {
    const run = this.#runs.get(runId);
    if (run) run.stopTimer ??= setTimeout(() => this.#end(runId, true), STOP_MS);
  }

  provisional(message: MessageOf<'provisional'>): void {
    const run = this.#runs.get(message.runId);
    if (run?.unanswered.has(message.sampleKey)) run.listener.provisional?.(message);
  }

  answered(message: MessageOf<'result'> | MessageOf<'failed'>): void {
    const run = this.#runs.get(message.runId);
    if (!run?.unanswered.delete(message.sampleKey)) return;
    if (message.type === 'result') run.listener.result(message);
    else run.listener.failed(message);
  }

  finished({ runId, stopped }: MessageOf<'finished'>): void {
    this.#end(runId, stopped);
  }

  /** What another worker must be asked, in place of one that is gone. Runs that were to stop have. */
  takeOver(): readonly RunMessage[] {
    const messages: RunMessage[] = [];
    for (const [runId, { request, unanswered, stopTimer }] of [...this.#runs]) {
      if (stopTimer !== undefined || unanswered.size === 0) this.#end(runId, stopTimer !== undefined);
      else messages.push({ type: 'run', runId, ...request, samples: [...unanswered.values()] });
    }
    return messages;
  }

  #end(runId: number, stopped: boolean): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    clearTimeout(run.stopTimer);
    this.#runs.delete(runId);
    run.listener.finished({ type: 'finished', runId, stopped });
  }
}
