import type { ErrorData } from '../../core/errors';
import type { LinkStatus } from '../../core/protocol/link';
import type { LoadMessage, PageMessage, WorkerMessage } from '../../core/protocol/page-messages';
import { type DeviceLimits, stepDown } from './device-limits';
import { type MessageOf, OpenRuns, type RunListener, type RunRequest } from './open-runs';
import { type TierWorker, WatchedWorker } from './watched-worker';

/** Hears of every message between page and worker. */
export type TierTrace = (from: 'page' | 'worker', message: PageMessage | WorkerMessage) => void;

/** A run under way. */
export interface TierRun {
  /** Gives up the samples that have no answer yet; `finished` follows. */
  stop(): void;
}

/** `none`: the page has no edge, so that nobody looks for one. */
export type EdgeStatus = LinkStatus | { readonly state: 'none' };

/** An edge that wants a token: `isRefused` where it was shown another one. */
export interface TokenWanted {
  readonly url: string;
  readonly isRefused: boolean;
}

export interface WorkerTierOptions {
  readonly start?: () => TierWorker;
  readonly trace?: TierTrace | undefined;
  /** Hears what was read of samples that have been answered before that was known. */
  readonly readLate?: (message: MessageOf<'reading'>) => void;
  /** Hears what has happened that a person should know. */
  readonly say?: (notice: string) => void;
}

const MADE_ANEW = 'It was made anew, and what had no answer was sent again.';

/**
 * The page's one handle on the mobile tier: what it says of itself, and verbs to ask it. The worker behind it may end in
 * the middle of anything; another then takes over what has no answer.
 */
export class WorkerTier {
  #worker: WatchedWorker;
  #backend: MessageOf<'backend'> | undefined = $state.raw();
  #progress: MessageOf<'progress'> | undefined = $state.raw();
  #edge: EdgeStatus = $state.raw({ state: 'connecting' });
  #ways: MessageOf<'edge'> | undefined = $state.raw();
  #request: LoadMessage | undefined;
  readonly #runs = new OpenRuns();
  #layersWanted = $state(1);
  #layersReady = $state(0);
  #repaired: readonly string[] = $state.raw([]);
  #broken: ErrorData | undefined = $state.raw();
  #waiting = $state(0);
  #limits: DeviceLimits = {};
  /** Workers that have ended one after the other, without an answer to a sample between them. */
  #losses = 0;
  /** The latest worker has ended, and no other was started. */
  #isGone = false;

  constructor(private readonly options: WorkerTierOptions = {}) {
    this.#worker = this.#start();
  }

  get backend() {
    return this.#backend;
  }

  get progress() {
    return this.#progress;
  }

  /** The best way to an edge. */
  get edge() {
    return this.#edge;
  }

  /** How many edges are connected, of how many. */
  get edgesConnected(): { readonly open: number; readonly of: number } {
    return this.#ways ?? { open: 0, of: this.#request?.edges.length ?? 0 };
  }

  get edgeUrls(): readonly string[] {
    return this.#request?.edges.map(({ url }) => url) ?? [];
  }

  get tokensWanted(): readonly TokenWanted[] {
    const isShownTo = (wanting: string) => this.#request?.edges.some(({ url, token }) => url === wanting && token);
    return (this.#ways?.wantToken ?? []).map((url) => ({ url, isRefused: Boolean(isShownTo(url)) }));
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

  /** Why this device cannot run its layers. */
  get broken() {
    return this.#broken;
  }

  /** Samples that wait for the edge, which is away, or for layers that this device lacks. */
  get waiting() {
    return this.#waiting;
  }

  load(request: Omit<LoadMessage, 'type'>): void {
    const { backend, variant, mobileLayers, edges } = request;
    if (edges.length === 0) this.#edge = { state: 'none' };
    if (backend !== this.#request?.backend || variant !== this.#request.variant) {
      this.#layersReady = this.#losses = 0;
      this.#limits = {};
    }
    this.#request = { type: 'load', ...request };
    this.#layersWanted = mobileLayers;
    this.#broken = undefined;
    if (this.#isGone) this.#begin();
    else this.#postLoad(mobileLayers);
  }

  /** Fetches the deeper layers too, so that this tier can answer by itself when there is no edge. */
  loadAhead(layers: number): void {
    if (this.#layersReady < layers) this.#postLoad(layers);
  }

  /** Takes samples to their exits. */
  run(request: RunRequest, listener: RunListener): TierRun {
    const message = this.#runs.open(request, listener);
    const { runId } = message;
    this.#post(message);
    return {
      stop: () => {
        this.#runs.stop(runId);
        this.#post({ type: 'stop', runId });
      },
    };
  }

  /** Tries all again with another worker, as if nothing had happened. */
  retry(): void {
    this.#limits = {};
    this.#losses = 0;
    this.#broken = undefined;
    this.#worker.end();
    this.#begin();
  }

  #start(): WatchedWorker {
    return new WatchedWorker(this.options.start ?? startWorker, {
      received: (message) => this.#receive(message),
      died: (reason) => this.#died(reason, 'run'),
    });
  }

  #begin(): void {
    this.#isGone = false;
    this.#layersReady = this.#waiting = 0;
    this.#worker = this.#start();
    this.#postLoad(this.#layersWanted);
    for (const message of this.#runs.takeOver()) this.#post(message);
  }

  /** A worker that went while it ran may go on as it was, once. Each time after that it is trusted with less. */
  #died(reason: string, during: MessageOf<'lost'>['during']): void {
    const { hasSpoken } = this.#worker;
    const hasEdge = this.edgeUrls.length > 0;
    this.#worker.end();
    this.#losses++;
    const asItWas = { limits: this.#limits, words: MADE_ANEW };
    const isFirst = during === 'run' && this.#losses === 1;
    const next = isFirst ? asItWas : stepDown(this.#limits, this.#backend, hasEdge, reason);
    if (!hasSpoken || !next) {
      this.#isGone = true;
      this.#broken = { code: 'INTERNAL', message: reason, retryable: true };
      return;
    }
    this.#limits = next.limits;
    this.options.say?.(`${reason} ${next.words}`);
    this.#begin();
  }

  #postLoad(mobileLayers: number): void {
    if (!this.#request) return;
    const { backend, variant, threads, edgeAlone } = { ...this.#request, ...this.#limits };
    this.#post({ ...this.#request, backend, variant, threads, edgeAlone, mobileLayers });
  }

  #post(message: PageMessage): void {
    this.options.trace?.('page', message);
    if (this.#isGone) return;
    this.#worker.post(message);
    this.#watch();
  }

  /** Its end is noticed while anything is to come of it. */
  #watch(): void {
    const isStarting = !this.isReady && !this.#broken;
    this.#worker.watch(isStarting ? 'starting' : this.#runs.count > 0 ? 'running' : undefined);
  }

  #receive(message: WorkerMessage): void {
    this.options.trace?.('worker', message);
    this.#take(message);
    if (message.type !== 'lost') this.#watch();
  }

  #take(message: WorkerMessage): void {
    switch (message.type) {
      case 'backend':
        this.#backend = message;
        return;
      case 'progress':
        this.#progress = message;
        return;
      case 'ready':
        this.#layersReady = Math.max(this.#layersReady, message.layers);
        if (this.isReady) this.#broken = undefined;
        return;
      case 'edge':
        this.#edge = message.status;
        this.#ways = message;
        return;
      case 'waiting':
        this.#waiting = message.samples;
        return;
      case 'repaired':
        this.#repaired = [...this.#repaired, message.path];
        return;
      case 'broken':
        // Layers fetched ahead may fail to come: the ones that are needed now still run.
        if (!this.isReady) this.#broken = message.error;
        return;
      case 'lost':
        return this.#died(message.error.message, message.during);
      case 'provisional':
        return this.#runs.provisional(message);
      case 'result':
        this.#losses = 0;
        return this.#runs.answered(message);
      case 'failed':
        return this.#runs.answered(message);
      case 'reading':
        return this.options.readLate?.(message);
      case 'finished':
        return this.#runs.finished(message);
      case 'alive':
        return;
    }
  }
}

export function startWorker(): TierWorker {
  return new Worker(new URL('../../worker/main.ts', import.meta.url), { type: 'module', name: 'mobile-tier' });
}
