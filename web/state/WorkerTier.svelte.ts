import type { ErrorData } from '../../core/errors';
import type { LinkStatus } from '../../core/protocol/link';
import type { LoadMessage, PageMessage, RunMessage, WorkerMessage } from '../../core/protocol/page-messages';

export type MessageOf<Type extends WorkerMessage['type']> = Extract<WorkerMessage, { type: Type }>;

/** The part of a `Worker` that the handle needs. */
export type TierWorker = Pick<Worker, 'postMessage' | 'onmessage' | 'onerror'>;

/** Hears of every message between page and worker. */
export type TierTrace = (from: 'page' | 'worker', message: PageMessage | WorkerMessage) => void;

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

/** A run under way. */
export interface TierRun {
  /** Gives up the samples that have no answer yet; `finished` follows. */
  stop(): void;
}

/** The page's one handle on the worker that is the mobile tier: what it says of itself, and verbs to ask it. */
export class WorkerTier {
  readonly #worker: TierWorker;
  #backend: MessageOf<'backend'> | undefined = $state.raw();
  #progress: MessageOf<'progress'> | undefined = $state.raw();
  #edge: LinkStatus = $state.raw({ state: 'connecting' });
  #request: LoadMessage | undefined;
  readonly #listeners = new Map<number, RunListener>();
  #lastRunId = 0;
  #layersWanted = $state(1);
  #layersReady = $state(0);
  #repaired: readonly string[] = $state.raw([]);
  #broken: ErrorData | undefined = $state.raw();

  constructor(
    worker: TierWorker = startWorker(),
    private readonly trace?: TierTrace,
  ) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data);
    worker.onerror = ({ message }) => {
      this.#broken = { code: 'INTERNAL', message: message || 'The worker could not be started.', retryable: true };
    };
  }

  get backend() {
    return this.#backend;
  }

  get progress() {
    return this.#progress;
  }

  get edge() {
    return this.#edge;
  }

  /** Layers that can run here, from the first on. */
  get layersReady() {
    return this.#layersReady;
  }

  /** The mobile layers can run. */
  get isReady() {
    return this.#layersReady >= this.#layersWanted;
  }

  /** Model files that were damaged in the browser's cache and have been fetched again. */
  get repaired() {
    return this.#repaired;
  }

  get broken() {
    return this.#broken;
  }

  load(request: Omit<LoadMessage, 'type'>): void {
    const { backend, variant, mobileLayers } = request;
    if (backend !== this.#request?.backend || variant !== this.#request.variant) this.#layersReady = 0;
    this.#request = { type: 'load', ...request };
    this.#layersWanted = mobileLayers;
    this.#broken = undefined;
    this.#post(this.#request);
  }

  /** Fetches the deeper layers too, so that this tier can answer by itself when there is no edge. */
  loadAhead(layers: number): void {
    if (this.#request && this.#layersReady < layers) this.#post({ ...this.#request, mobileLayers: layers });
  }

  /** Takes samples to their exits. */
  run(request: RunRequest, listener: RunListener): TierRun {
    const runId = ++this.#lastRunId;
    this.#listeners.set(runId, listener);
    this.#post({ type: 'run', runId, ...request });
    return { stop: () => this.#post({ type: 'stop', runId }) };
  }

  #post(message: PageMessage): void {
    this.trace?.('page', message);
    this.#worker.postMessage(message);
  }

  #receive(message: WorkerMessage): void {
    this.trace?.('worker', message);
    switch (message.type) {
      case 'backend':
        this.#backend = message;
        return;
      case 'progress':
        this.#progress = message;
        return;
      case 'ready':
        this.#layersReady = Math.max(this.#layersReady, message.layers);
        return;
      case 'edge':
        this.#edge = message.status;
        return;
      case 'repaired':
        this.#repaired = [...this.#repaired, message.path];
        return;
      case 'broken':
        // Layers fetched ahead may fail to come: the ones that are needed now still run.
        if (!this.isReady) this.#broken = message.error;
        return;
      case 'provisional':
        return this.#listeners.get(message.runId)?.provisional?.(message);
      case 'result':
        return this.#listeners.get(message.runId)?.result(message);
      case 'failed':
        return this.#listeners.get(message.runId)?.failed(message);
      case 'finished':
        this.#listeners.get(message.runId)?.finished(message);
        this.#listeners.delete(message.runId);
        return;
    }
  }
}

function startWorker(): TierWorker {
  return new Worker(new URL('../../worker/main.ts', import.meta.url), { type: 'module', name: 'mobile-tier' });
}
