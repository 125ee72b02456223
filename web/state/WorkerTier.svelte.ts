import type { ErrorData } from '../../core/errors';
import type { LinkStatus } from '../../core/protocol/link';
import type { LoadMessage, PageMessage, RunMessage, WorkerMessage } from '../../core/protocol/page-messages';

type MessageOf<Type extends WorkerMessage['type']> = Extract<WorkerMessage, { type: Type }>;

/** What the page hears of a run. */
export interface RunListener {
  readonly provisional?: (message: MessageOf<'provisional'>) => void;
  readonly result: (message: MessageOf<'result'>) => void;
  readonly failed: (message: MessageOf<'failed'>) => void;
  readonly finished: (message: MessageOf<'finished'>) => void;
}

/** The worker that is the mobile tier, as the page sees it: what it says of itself, and verbs to ask it. */
export class WorkerTier {
  #worker = new Worker(new URL('../../worker/main.ts', import.meta.url), { type: 'module', name: 'mobile-tier' });
  #backend: MessageOf<'backend'> | undefined = $state.raw();
  #progress: MessageOf<'progress'> | undefined = $state.raw();
  #edge: LinkStatus = $state.raw({ state: 'connecting' });
  #request: LoadMessage | undefined;
  /** Of runs that are not the page's sentences. */
  readonly #listeners = new Map<number, RunListener>();
  #layersWanted = $state(1);
  #layersReady = $state(0);
  #repaired: readonly string[] = $state.raw([]);
  #broken: ErrorData | undefined = $state.raw();

  constructor(private readonly listener: RunListener) {
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      this.#broken = {
        code: 'INTERNAL',
        message: event.message || 'The worker could not be started.',
        retryable: true,
      };
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

  /** A listener of its own hears of this run instead of the common one. Run ids must differ. */
  run(message: Omit<RunMessage, 'type'>, listener?: RunListener): void {
    if (listener) this.#listeners.set(message.runId, listener);
    this.#post({ type: 'run', ...message });
  }

  stop(runId: number): void {
    this.#post({ type: 'stop', runId });
  }

  #post(message: PageMessage): void {
    this.#worker.postMessage(message);
  }

  #receive(message: WorkerMessage): void {
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
        return this.#listenerOf(message).provisional?.(message);
      case 'result':
        return this.#listenerOf(message).result(message);
      case 'failed':
        return this.#listenerOf(message).failed(message);
      case 'finished':
        this.#listenerOf(message).finished(message);
        this.#listeners.delete(message.runId);
        return;
    }
  }

  #listenerOf({ runId }: { readonly runId: number }): RunListener {
    return this.#listeners.get(runId) ?? this.listener;
  }
}
