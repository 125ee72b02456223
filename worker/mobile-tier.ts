import { DimeeError, errorData, hasCode } from '../core/errors';
import type { Schedule } from '../core/ladder/ladder-tier';
import { Queue } from '../core/ladder/queue';
import { patiently } from '../core/patiently';
import type { LoadMessage, RunMessage, WorkerMessage } from '../core/protocol/page-messages';
import type { RunSample } from '../core/ladder/hybrid-tier';
import { EdgeLink } from './edge-link';
import type { MobileTierParts } from './mobile-tier-parts';
import { LoadedModel } from './loaded-model';
import { abortable } from '../core/abortable';

/** Samples under way at once: one computes here, the others are at the edge. */
const MOST_UNDER_WAY = 17;

/** The mobile tier: loads a model, runs samples one run after another, and tells the page of all that comes of it. */
export class MobileTier {
  readonly #lane: Queue;
  readonly #stops = new Map<number, AbortController>();
  #model: LoadedModel | undefined;
  #link: EdgeLink | undefined;
  #latestLoad: LoadMessage | undefined;
  /** All that was asked for so far, in order. */
  #runs: Promise<void> = Promise.resolve();
  #hasRun = false;
  /** The runtime is gone: what else comes of this worker is not to be believed, and the page makes another. */
  #isLost = false;

  constructor(private readonly parts: MobileTierParts) {
    this.#lane = new Queue({ lanes: 1, now: parts.now });
  }

  /** A model that is there already only fetches what it lacks; runs under way keep the model they began with. */
  load(request: LoadMessage): void {
    let model = this.#model;
    if (!model?.isFor(request)) {
      this.#retire(model);
      model = this.#model = new LoadedModel(request, this.parts);
    }
    if (!this.#link?.isFor(model, request.edges)) {
      this.#retire(this.#link);
      this.#link = new EdgeLink(model, request.edges, this.#schedule, this.parts);
    }
    void this.#prepare(model, request);
  }

  run(run: RunMessage): void {
    const stop = new AbortController();
    this.#stops.set(run.runId, stop);
    const link = this.#link;
    this.#runs = this.#runs.then(() => this.#perform(run, link, stop.signal));
  }

  stop(runId: number): void {
    this.#stops.get(runId)?.abort();
  }

  /** Only the latest load is answered: what an earlier one asked for is no longer what the page waits for. */
  async #prepare(model: LoadedModel, request: LoadMessage): Promise<void> {
    this.#latestLoad = request;
    const isWanted = () => request === this.#latestLoad;
    const onFailure = (error: DimeeError) => this.#post({ type: 'broken', error: errorData(error) });
    const answer = await patiently(() => model.prepare(request.mobileLayers), { isWanted, onFailure }).then(
      (): WorkerMessage => ({ type: 'ready', layers: request.mobileLayers }),
      (error: unknown) => this.#problem(error, { type: 'broken', error: errorData(error) }),
    );
    if (isWanted() || answer.type === 'lost') this.#post(answer);
  }

  /** What to tell of an error: that the runtime is gone where that is what it says, and `otherwise` where it is not. */
  #problem(error: unknown, otherwise: WorkerMessage): WorkerMessage {
    if (!hasCode(error, 'RUNTIME_LOST')) return otherwise;
    return { type: 'lost', error: errorData(error), during: this.#hasRun ? 'run' : 'start' };
  }

  #post(message: WorkerMessage): void {
    if (this.#isLost) return;
    this.#isLost = message.type === 'lost';
    this.parts.post(message);
  }

  /** Mutes what has been replaced, and closes it once the runs that use it are done. */
  #retire(replaced: LoadedModel | EdgeLink | undefined): void {
    replaced?.mute();
    this.#runs = this.#runs.then(() => replaced?.close()).catch(() => undefined);
  }

  async #perform(run: RunMessage, link: EdgeLink | undefined, signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for (const sample of run.samples) {
      if (underWay.size === MOST_UNDER_WAY) await Promise.race(underWay);
      await this.#schedule(() => Promise.resolve(), signal).catch(() => undefined);
      if (signal.aborted) break;
      const climbing = this.#climb(sample, run, link, signal).finally(() => underWay.delete(climbing));
      underWay.add(climbing);
    }
    await Promise.all(underWay);
    this.#stops.delete(run.runId);
    this.#post({ type: 'finished', runId: run.runId, stopped: signal.aborted });
  }

  async #climb(sample: RunSample, run: RunMessage, link: EdgeLink | undefined, signal: AbortSignal): Promise<void> {
    const { runId } = run;
    const { sampleKey } = sample;
    try {
      if (!link) throw new DimeeError('MODEL_UNAVAILABLE', 'No model has been loaded yet.');
      const hybridTier = await abortable(link.hybridTier, signal);
      const result = await hybridTier.climb(sample, run, signal, {
        provisional: (logits) => this.#post({ type: 'provisional', runId, sampleKey, logits }),
        lateReading: (reading) => this.#post({ type: 'reading', sampleKey, reading }),
      });
      this.#hasRun = true;
      this.#post({ type: 'result', runId, sampleKey, result });
    } catch (error) {
      const failed = { type: 'failed', runId, sampleKey, error: errorData(error) } as const;
      if (!signal.aborted) this.#post(this.#problem(error, failed));
    }
  }

  /** One job at a time. A stop is heard at once; the job itself ends before its next layer. */
  readonly #schedule: Schedule = (job, signal) => abortable(this.#lane.run(job, signal), signal);
}
