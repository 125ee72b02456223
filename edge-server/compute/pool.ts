import { DimeeError, hasCode } from '../../core/errors';
import { LazyMap } from '../../core/lazy';
import { paddedTokens } from '../../core/scheduling/companions';
import { Scheduler, type SchedulerOptions, type Work } from '../../core/scheduling/scheduler';
import type { ComputeWorker, Done, Part } from './jobs';

/** Work that a worker can do. */
export interface Task extends Work {
  /** What must be open in the worker, always the same object for the same part. */
  readonly part: Part | undefined;
  /** It takes so long that it may not take every worker at once. */
  readonly isLong?: boolean;
  /** Does it, with what is done together with it: the batch begins with this task. */
  perform(worker: ComputeWorker, batch: readonly Task[]): Promise<Done>;
  /** Hears what it waited for, of a batch: its own part. */
  deliver(done: Done, batch: readonly Task[]): void;
  /** The parts that ran one after the other; by default its own. */
  readonly partsOf?: (done: Done) => readonly Part[];
  fail(reason: unknown): void;
}

/** What happened to a batch, for those who watch. */
export interface BatchReport {
  /** The parts that computed it, one after the other. */
  readonly parts: readonly Part[];
  readonly rows: number;
  /** Of all rows, and as they were computed with their padding. */
  readonly tokens: number;
  readonly paddedTokens: number;
}

/** How much there is to do. */
export interface PoolStatus {
  readonly workers: number;
  /** Workers that do something. */
  readonly busy: number;
  /** Pieces of work that wait for a worker. */
  readonly waiting: number;
  readonly waitingTokens: number;
}

export interface PoolOptions {
  readonly workers: number;
  readonly startWorker: () => ComputeWorker;
  /** A part's file, once its bytes are known to be right. */
  readonly fileOf: (part: Part) => Promise<Uint8Array>;
  readonly bounds: SchedulerOptions<Task>['bounds'];
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  /** Hears that a worker has ended by itself and another takes its place. */
  readonly onLost?: (() => void) | undefined;
  readonly onOpened?: ((done: Done<'open'>) => void) | undefined;
  readonly now: () => number;
}

/** A worker, what is open in it, and what it is to do when it has nothing else to do. */
class Station {
  isBusy = false;
  /** Whose turn it is, of what it does. */
  leader: Task | undefined;
  readonly errands: (() => Promise<void>)[] = [];
  readonly #opened: LazyMap<Part, Done<'open'>>;

  constructor(
    readonly worker: ComputeWorker,
    open: (worker: ComputeWorker, part: Part) => Promise<Done<'open'>>,
  ) {
    this.#opened = new LazyMap((part) => open(worker, part));
  }

  has(part: Part): boolean {
    return this.#opened.value(part) !== undefined;
  }

  /** @throws DimeeError where the part cannot be opened, which is tried again next time. */
  async open(part: Part): Promise<void> {
    await this.#opened.get(part);
  }
}

/** Milliseconds before a worker takes the place of one that ended: one that cannot start must not be started for ever. */
const RESTART_MS = 200;

/**
 * Workers in front of which work waits. Whoever is free takes what the scheduler gives, once all that came in the same turn
 * of the event loop is there. A worker that ends by itself is replaced, and its work is done once more elsewhere.
 */
export class Pool {
  readonly #scheduler: Scheduler<Task>;
  readonly #stations: Station[] = [];
  /** Parts that every worker is to have. */
  readonly #parts = new Set<Part>();
  /** Of parts that are being opened. */
  readonly #files = new Map<Part, Promise<Uint8Array>>();
  readonly #lost = new WeakSet<Task>();
  #longRunning = 0;
  #isStarted = false;
  #isDue = false;
  #isClosed = false;

  constructor(private readonly options: PoolOptions) {
    const { bounds, now } = options;
    this.#scheduler = new Scheduler({ bounds, now, onDropped: (task, reason) => task.fail(reason) });
  }

  get status(): PoolStatus {
    const { works, tokens } = this.#scheduler.waiting;
    const busy = this.#stations.filter(({ isBusy }) => isBusy).length;
    return { workers: this.#stations.length, busy, waiting: works, waitingTokens: tokens };
  }

  /** How many workers have the part open. */
  openIn(part: Part): number {
    return this.#stations.filter((station) => station.has(part)).length;
  }

  add(task: Task): void {
    if (this.#isClosed) return task.fail(closing());
    this.#start();
    this.#scheduler.add(task);
    for (const { leader, worker } of this.#stations) {
      if (leader && this.#scheduler.comesBefore(task, leader)) worker.interrupt();
    }
    this.#dispatchSoon();
  }

  /**
   * Opens parts in every worker, in order, while it has nothing else to do. Each file is read once.
   * @throws DimeeError of the first that cannot be opened.
   */
  async open(parts: readonly Part[]): Promise<void> {
    this.#start();
    for (const part of parts) {
      const reading = this.options.fileOf(part);
      this.#files.set(part, reading);
      this.#parts.add(part);
      try {
        await reading;
        await Promise.all(this.#stations.map((station) => this.#errand(station, () => station.open(part))));
      } finally {
        this.#files.delete(part);
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#scheduler.drain()) task.fail(closing());
    await Promise.all(this.#stations.map(({ worker }) => worker.close()));
  }

  /** At the first work: whoever only asks what there is starts no worker. */
  #start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    for (let count = 0; count < this.options.workers; count++) this.#addStation();
  }

  #addStation(): Station {
    const station: Station = new Station(this.options.startWorker(), (worker, part) => this.#openIn(worker, part));
    this.#stations.push(station);
    void station.worker.ended.then(() => this.#replace(station));
    return station;
  }

  #replace(lost: Station): void {
    this.#stations.splice(this.#stations.indexOf(lost), 1);
    // What they would open is opened where it is needed.
    for (const errand of lost.errands.splice(0)) void errand();
    if (this.#isClosed) return;
    this.options.onLost?.();
    setTimeout(() => {
      if (this.#isClosed) return;
      const station = this.#addStation();
      this.#dispatchSoon();
      for (const part of this.#parts) void this.#errand(station, () => station.open(part)).catch(() => undefined);
    }, RESTART_MS).unref();
  }

  /** Resolves when the worker has done it. */
  #errand(station: Station, job: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      station.errands.push(() => job().then(resolve, reject));
      this.#dispatchSoon();
    });
  }

  /** After all that is ready in this turn of the event loop: what leaves a layer together is there for the next. */
  #dispatchSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (let station = this.#freeStation(); station; station = this.#freeStation()) {
      const batch = this.#scheduler.next((task) => !task.isLong || this.#mayRunLong);
      const [leader] = batch;
      if (!leader) return this.#runErrands();
      void this.#run(this.#freeStation(leader.part) ?? station, leader, batch);
    }
  }

  #runErrands(): void {
    for (const station of this.#stations.filter(({ isBusy }) => !isBusy)) {
      const errand = station.errands.shift();
      if (errand) void errand().finally(this.#occupy(station));
    }
  }

  /** Of several workers, one takes long work only where another is left. */
  get #mayRunLong(): boolean {
    return this.#longRunning < Math.max(this.#stations.length - 1, 1);
  }

  #freeStation(part?: Part): Station | undefined {
    return this.#stations.findLast((station) => !station.isBusy && (part === undefined || station.has(part)));
  }

  async #run(station: Station, leader: Task, batch: readonly Task[]): Promise<void> {
    this.#longRunning += Number(leader.isLong ?? false);
    const release = this.#occupy(station);
    station.leader = leader;
    try {
      if (leader.part) await station.open(leader.part);
      const done = await leader.perform(station.worker, batch);
      this.#report(leader, batch, done);
      for (const task of batch) task.deliver(done, batch);
    } catch (error) {
      this.#failed(batch, error);
    } finally {
      this.#scheduler.done(batch);
      this.#longRunning -= Number(leader.isLong ?? false);
      station.leader = undefined;
      release();
    }
  }

  #occupy(station: Station): () => void {
    station.isBusy = true;
    return () => {
      station.isBusy = false;
      this.#dispatchSoon();
    };
  }

  #report(leader: Task, batch: readonly Task[], done: Done): void {
    const tokens = batch.reduce((sum, task) => sum + task.tokens, 0);
    for (const { asker, tokens: own } of batch) asker.onComputed?.((done.computeMs * own) / tokens);
    const parts = leader.partsOf?.(done) ?? (leader.part ? [leader.part] : []);
    this.options.onBatch?.({ parts, rows: batch.length, tokens, paddedTokens: paddedTokens(batch) });
  }

  /** Work of a worker that was lost is done once more; what loses a second one does not get a third. */
  #failed(batch: readonly Task[], error: unknown): void {
    for (const task of batch) {
      if (!hasCode(error, 'RUNTIME_LOST') || this.#lost.has(task) || this.#isClosed) task.fail(error);
      else {
        this.#lost.add(task);
        this.#scheduler.add(task);
      }
    }
  }

  async #openIn(worker: ComputeWorker, part: Part): Promise<Done<'open'>> {
    const file = await (this.#files.get(part) ?? this.options.fileOf(part));
    const done = await worker.do('open', { part, file });
    this.options.onOpened?.(done);
    return done;
  }
}

function closing(): DimeeError {
  return new DimeeError('TIER_UNAVAILABLE', 'The server is shutting down. Try again.', { retryable: true });
}
