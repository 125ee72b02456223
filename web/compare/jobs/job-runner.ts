import { DimeeError } from '../../../core/errors';
import type { LabTraces } from '../../../core/lab/setting';
import type { JobKind, LabJobs } from './jobs';
import type { LabAnswer, LabRequest } from './messages';

/** The part of a `Worker` that a runner needs. */
export type JobWorker = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/**
 * Runs the jobs of one kind, one at a time, in a worker of its own, made at the first of them: a long job of another kind
 * holds none of these up. A job that nobody waits for any more is ended together with its worker.
 */
export class JobRunner<Kind extends JobKind> {
  #worker: JobWorker | undefined;
  /** What the worker has been given. */
  #traces: LabTraces | undefined;
  #abandon: ((reason: unknown) => void) | undefined;

  constructor(
    private readonly kind: Kind,
    private readonly makeWorker: () => JobWorker,
  ) {}

  /**
   * Ends the job before it, if that still runs.
   * @throws AbortError where the signal or a newer job ended it; DimeeError where the job failed.
   */
  run(
    request: Pick<LabRequest<Kind>, 'job' | 'setting'>,
    traces: LabTraces,
    signal?: AbortSignal,
  ): Promise<LabJobs[Kind]['answer']> {
    this.#abandon?.(new DOMException('A newer job of this kind has taken its place.', 'AbortError'));
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const worker = (this.#worker ??= this.makeWorker());
      const onAbort = () => this.#abandon?.(signal?.reason);
      const settled = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#abandon = undefined;
      };
      this.#abandon = (reason) => {
        settled();
        this.#drop();
        reject(reason);
      };
      signal?.addEventListener('abort', onAbort);
      worker.onmessage = ({ data }: MessageEvent<LabAnswer<Kind>>) => {
        settled();
        if ('answer' in data) resolve(data.answer);
        else reject(DimeeError.from(data.error));
      };
      worker.onerror = (event) => this.#abandon?.(brokenWorker(event));
      worker.postMessage({
        kind: this.kind,
        ...request,
        traces: traces === this.#traces ? undefined : traces,
      } satisfies LabRequest<Kind>);
      this.#traces = traces;
    });
  }

  #drop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#traces = undefined;
  }
}

function brokenWorker({ message }: ErrorEvent): DimeeError {
  return new DimeeError(
    'INTERNAL',
    message || 'What computes for Compare could not be started. Try again, or reload the page.',
    {
      retryable: true,
    },
  );
}
