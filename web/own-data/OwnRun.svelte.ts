import type { OwnRows } from '../../core/own-data/own-rows';
import type { Reading, ReadingCounts } from '../../core/model/reading';
import { ReadingRecorder } from '../../core/own-data/reading-record';
import { errorData, type ErrorData } from '../../core/errors';
import type { Plan } from '../../core/layers';
import type { PayloadDtype } from '../../core/payload/payload';
import type { RunSample } from '../../core/ladder/hybrid-tier';
import type { MessageOf, RunListener } from '../state/open-runs';
import type { TierRun, WorkerTier } from '../state/WorkerTier.svelte';
import type { CollectedPart, Collector } from './collectors';
import type { OwnResult } from './OwnResult';
import { RowRate } from '../../core/own-data/row-rate';

/** What is run, and how; it stays the same from the first row to the last. */
export interface OwnJob {
  readonly name: string;
  readonly task: string;
  readonly rows: OwnRows;
  readonly collector: Collector;
  readonly plan: Plan;
  readonly payloadDtype: PayloadDtype;
}

/** What was found out of some rows, so that a run can go on from there. */
export interface RunPart {
  readonly collected: CollectedPart;
  readonly readings: readonly (readonly [row: number, reading: Reading])[];
}

/** What a run tells as it goes. */
export interface RunWatcher {
  readonly ended: (result: OwnResult | undefined) => void;
  readonly found: (part: RunPart) => void;
}

/** A row that gave no answer. */
export interface RowFailure {
  /** Where it begins in its file. */
  readonly line: number;
  readonly message: string;
}

/** How far a run has come. */
export interface RunProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly secondsLeft: number | undefined;
  /** Rows for which one tier stood in for another: this device for the edge, or the edge for it; and the latest reason. */
  readonly stoodIn: number;
  readonly reason: string | undefined;
  readonly readings: ReadingCounts;
}

/** Rows the worker has at a time: few enough that it holds little and hears of a pause, enough to keep the edge busy. */
export const BATCH_ROWS = 64;
/** Answers that a row is asked for where failing may be a matter of time. */
const MOST_TRIES = 3;
/** Failures that are kept in words; the others are counted. */
const MOST_FAILURES_SHOWN = 100;

/** Takes a person's own rows through the ladder, batch by batch. What is found out goes to the job's collector alone. */
export class OwnRun {
  #state: 'idle' | 'running' | 'paused' = $state('idle');
  #job: OwnJob | undefined = $state.raw();
  #progress: RunProgress | undefined = $state.raw();
  #problem: string | undefined = $state();
  #wasCutOff = $state(false);
  #failures: readonly RowFailure[] = $state.raw([]);
  #batch: TierRun | undefined;
  #failed = new Set<number>();
  #tries = new Map<number, number>();
  /** Rows before this one are all done or failed. */
  #next = 0;
  #batchRows = 0;
  #answersInBatch = 0;
  /** Rows of the batch that may succeed later. */
  #unlucky = new Map<number, ErrorData>();
  #readings = new ReadingRecorder(0);
  /** Rows answered since the last part was told. */
  #fresh: number[] = [];
  #freshReadings: (readonly [number, Reading])[] = [];
  #stoodIn = 0;
  #standInReason: string | undefined;
  #latestError: ErrorData | undefined;
  #keyPrefix = '';
  #frame: number | undefined;
  readonly #rate = new RowRate(() => performance.now());

  constructor(
    private readonly tier: Pick<WorkerTier, 'run'>,
    private readonly watcher: RunWatcher,
  ) {}

  get state() {
    return this.#state;
  }

  get job() {
    return this.#job;
  }

  /** Of the run under way, or of the last one. */
  get progress() {
    return this.#progress;
  }

  /** Why the run stands still, or stood still last. */
  get problem() {
    return this.#problem;
  }

  /** It was taken over from a page that is gone. */
  get wasCutOff() {
    return this.#wasCutOff;
  }

  get failures() {
    return this.#failures;
  }

  start(job: OwnJob): void {
    this.#begin(job);
    this.resume();
  }

  /** Takes over a run that was cut off, and waits for `resume`. */
  takeOver(job: OwnJob, parts: readonly RunPart[]): void {
    this.#begin(job);
    for (const { collected, readings } of parts) {
      job.collector.take(collected);
      for (const [row, reading] of readings) this.#readings.add(row, reading);
    }
    this.#state = 'paused';
    this.#wasCutOff = true;
    this.#showProgress();
  }

  #begin(job: OwnJob): void {
    this.#job = job;
    this.#fresh = [];
    this.#freshReadings = [];
    this.#problem = undefined;
    this.#wasCutOff = false;
    this.#failures = [];
    this.#failed = new Set();
    this.#tries = new Map();
    this.#readings = new ReadingRecorder(job.rows.texts.length);
    this.#next = this.#stoodIn = 0;
    this.#standInReason = this.#latestError = undefined;
    // New to every tier, and not to be guessed.
    this.#keyPrefix = crypto.getRandomValues(new Uint32Array(4)).join('-');
  }

  resume(): void {
    if (this.#state === 'running' || !this.#job) return;
    this.#state = 'running';
    this.#problem = undefined;
    this.#rate.start(this.#settled);
    this.#sendBatch(this.#job);
    this.#showProgress();
  }

  /** Rows under way are given up, and run again when it goes on. */
  pause(problem?: string): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#problem = problem;
    this.#batch?.stop();
    this.#tellFresh();
    this.#showProgress();
  }

  /** Lets another run of the tier go first, then goes on. */
  giveWay(): void {
    if (this.#state === 'running') this.#batch?.stop();
  }

  /** Ends the run; what is done is kept. */
  cancel(): void {
    if (!this.#job) return;
    this.#batch?.stop();
    this.#end(this.#job);
  }

  get #settled(): number {
    return (this.#job?.collector.count ?? 0) + this.#failed.size;
  }

  #sendBatch(job: OwnJob): void {
    const samples = this.#takeBatch(job);
    if (samples.length === 0) return this.#runOut(job);
    this.#answersInBatch = 0;
    this.#batchRows = samples.length;
    this.#unlucky = new Map();
    const { task, plan, payloadDtype, collector } = job;
    const { policy, measurePools } = collector;
    const batch: TierRun = this.tier.run(
      { task, policy, plan, payloadDtype, measurePools, samples },
      this.#listenerFor(job, ({ stopped }) => this.#batch === batch && this.#finished(job, stopped)),
    );
    this.#batch = batch;
  }

  #takeBatch({ rows, collector }: OwnJob): readonly RunSample[] {
    const isSettled = (row: number) => collector.has(row) || this.#failed.has(row);
    const samples: RunSample[] = [];
    while (this.#next < rows.texts.length && isSettled(this.#next)) this.#next++;
    for (let row = this.#next; row < rows.texts.length && samples.length < BATCH_ROWS; row++) {
      const texts = rows.texts[row];
      if (texts && !isSettled(row)) samples.push({ sampleKey: `${this.#keyPrefix}-${row}`, texts, priorLogits: [] });
    }
    return samples;
  }

  /** What comes late of a job that is over is passed over. */
  #listenerFor(job: OwnJob, finished: RunListener['finished']): RunListener {
    const whileCurrent =
      <Message>(hear: (message: Message) => void) =>
      (message: Message) => {
        if (this.#job === job) hear(message);
      };
    return {
      result: whileCurrent((message: MessageOf<'result'>) => this.#resulted(job, message)),
      failed: whileCurrent(({ sampleKey, error }: MessageOf<'failed'>) => this.#rowFailed(rowOf(sampleKey), error)),
      finished: whileCurrent(finished),
    };
  }

  #resulted({ collector }: OwnJob, { sampleKey, result }: MessageOf<'result'>): void {
    const row = rowOf(sampleKey);
    try {
      collector.add(row, result);
      this.#answersInBatch++;
      this.#fresh.push(row);
      if (result.reading) {
        this.#readings.add(row, result.reading);
        this.#freshReadings.push([row, result.reading]);
      }
      const reason = result.ranLocally ?? result.ranAtEdge;
      if (reason !== undefined) {
        this.#stoodIn++;
        this.#standInReason = reason;
      }
    } catch (error) {
      this.#rowFailed(row, errorData(error));
    }
    this.#changed();
  }

  #rowFailed(row: number, error: ErrorData): void {
    this.#latestError = error;
    if (error.code === 'NO_KNOWN_TOKEN') {
      // That is an answer: more of the same does not mean that something is wrong with the run.
      this.#answersInBatch++;
      this.#readings.addNoSentence(row);
    }
    if (error.retryable) this.#unlucky.set(row, error);
    else this.#giveUp(row, error);
  }

  #giveUp(row: number, { message }: ErrorData): void {
    if (this.#job?.collector.has(row)) return;
    this.#failed.add(row);
    if (this.#failures.length < MOST_FAILURES_SHOWN) {
      this.#failures = [...this.#failures, { line: this.#job?.rows.lines[row] ?? row + 1, message }];
    }
    this.#changed();
  }

  #finished(job: OwnJob, stopped: boolean): void {
    this.#tellFresh();
    if (this.#state !== 'running') return;
    if (this.#isHopeless && !stopped) return this.pause(`${this.#reason} Resume to try again.`);
    this.#countTries();
    this.#sendBatch(job);
  }

  /** Not one row of the batch was answered, and that is not the fault of a few: more of the same would not help. */
  get #isHopeless(): boolean {
    return this.#answersInBatch === 0 && (this.#unlucky.size > 0 || this.#batchRows === BATCH_ROWS);
  }

  get #reason(): string {
    return this.#latestError?.message ?? 'No row was answered.';
  }

  /** There are no rows left to send. */
  #runOut(job: OwnJob): void {
    if (job.collector.count > 0) this.#end(job);
    else this.pause(`No row was answered. ${this.#reason}`);
  }

  /** Rows that may succeed later go with the next batch, a few times. */
  #countTries(): void {
    for (const [row, error] of this.#unlucky) {
      const tries = (this.#tries.get(row) ?? 0) + 1;
      this.#tries.set(row, tries);
      if (tries === MOST_TRIES) this.#giveUp(row, error);
    }
  }

  /** What has been found out so far, as a result; undefined before the first answer. */
  resultSoFar(): OwnResult | undefined {
    return this.#job && this.#resultOf(this.#job);
  }

  #end(job: OwnJob): void {
    this.#showProgress();
    this.#state = 'idle';
    this.#job = undefined;
    this.watcher.ended(this.#resultOf(job));
  }

  #tellFresh(): void {
    const [fresh, readings] = [this.#fresh, this.#freshReadings];
    if (!this.#job || fresh.length === 0) return;
    [this.#fresh, this.#freshReadings] = [[], []];
    this.watcher.found({ collected: this.#job.collector.part(Uint32Array.from(fresh)), readings });
  }

  #resultOf({ name, task, rows, collector }: OwnJob): OwnResult | undefined {
    if (collector.count === 0) return undefined;
    const found = collector.result();
    const readings = found.rowNumbers && this.#readings.columns(found.rowNumbers);
    return { name, task, rows, ...found, readings, noSentences: this.#readings.noSentences() };
  }

  /** Shown at most once a frame, however fast results arrive. */
  #changed(): void {
    this.#frame ??= requestAnimationFrame(() => this.#showProgress());
  }

  #showProgress(): void {
    this.#frame = undefined;
    if (!this.#job) return;
    const { collector, rows } = this.#job;
    const total = rows.texts.length;
    this.#progress = {
      ...{ done: collector.count, failed: this.#failed.size, total },
      secondsLeft: this.#state === 'running' ? this.#rate.secondsLeft(this.#settled, total) : undefined,
      ...{ stoodIn: this.#stoodIn, reason: this.#standInReason, readings: this.#readings.counts },
    };
  }
}

function rowOf(sampleKey: string): number {
  return Number(sampleKey.slice(sampleKey.lastIndexOf('-') + 1));
}
