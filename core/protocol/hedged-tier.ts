import { quantile } from 'd3-array';
import { DimeeError, hasCode } from '../errors';
import type { InferRequest, InferResult, Tier } from '../ladder/tier';

/** A way to a tier of which there are several. */
export interface Way extends Tier {
  /** Whether it stands, so that a request need not wait for a connection. */
  readonly isOpen: boolean;
  /** Why it will never stand. */
  readonly refusal?: DimeeError | undefined;
}

export interface HedgedTierOptions {
  readonly ways: readonly Way[];
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** Milliseconds without any way after which requests fail; otherwise they wait until their deadlines. */
  readonly patienceMs?: number | undefined;
}

/** What one way has shown of itself. */
interface WayRecord {
  readonly way: Way;
  /** When those in flight were sent, the oldest first. */
  readonly sent: Set<{ readonly at: number }>;
  /** Mean of the newest times to an answer, in milliseconds; 0 before the first. */
  meanMs: number;
  lastAskedAt: number;
}

/** A request, from when it came. */
interface Journey {
  readonly request: InferRequest;
  readonly startedAt: number;
  /** Ways that broke under it. */
  breaks: number;
}

/** The ways that a request was sent on side by side. */
interface Race {
  readonly journey: Journey;
  readonly ended: AbortController;
  readonly tried: Set<WayRecord>;
  running: number;
  error: unknown;
  readonly resolve: (result: InferResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Answers that the 95th percentile is of, and those that must be known before anybody is asked twice. */
const REMEMBERED = 200;
const KNOWN = 20;
const LATE = 0.95;
/** Of requests, those that may be sent a second time because the first is late (Dean and Barroso, CACM 56(2), 2013). */
const HEDGED_SHARE = 0.1;
/** Second sendings that may be saved up for a bad moment. */
const MOST_SAVED = 10;
const NEWEST_SHARE = 0.2;
/** A way that was not asked for so long is asked once, to see whether it has become faster. */
const STALE_MS = 5000;
/** Ways that may break under a request: it is sent once more, and not a third time (RQ4). */
const MOST_BREAKS = 2;
/** Milliseconds between two looks for a way where none stands. */
const LOOK_AGAIN_MS = 50;
/** Samples whose way is remembered, since the tier there may hold their hidden states. */
const MOST_HOMES = 10_000;

/**
 * Several tiers as one: a request goes to the one that has been fastest, to a second one where that is late or gone, and the
 * first answer counts; the other is cancelled. Each request is answered once, as a tier does.
 */
export class HedgedTier implements Tier {
  readonly #records: readonly WayRecord[];
  readonly #homes = new Map<string, WayRecord>();
  #newestMs: readonly number[] = [];
  #saved = 0;

  constructor(private readonly options: HedgedTierOptions) {
    this.#records = options.ways.map((way) => ({ way, sent: new Set(), meanMs: 0, lastAskedAt: options.now() }));
  }

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    signal.throwIfAborted();
    const journey = { request, startedAt: this.options.now(), breaks: 0 };
    this.#saved = Math.min(this.#saved + HEDGED_SHARE, MOST_SAVED);
    for (;;) {
      await this.#someWay(journey, signal);
      try {
        return await this.#race(journey, signal);
      } catch (error) {
        const isOver = journey.breaks >= MOST_BREAKS || this.#leftMs(journey) <= 0;
        if (isOver || !hasCode(error, 'TIER_UNAVAILABLE')) throw error;
      }
    }
  }

  /** Resolves once a way stands. @throws DimeeError `TIER_UNAVAILABLE` where none does for too long; the refusal of all. */
  async #someWay({ request, startedAt }: Journey, signal: AbortSignal): Promise<void> {
    const { now, patienceMs = Number.POSITIVE_INFINITY } = this.options;
    const untilMs = Math.min(patienceMs, request.deadlineMs);
    while (!this.#records.some(({ way }) => way.isOpen)) {
      const [refusal, ...others] = this.#records.map(({ way }) => way.refusal);
      if (refusal && others.every(Boolean)) throw refusal;
      if (now() - startedAt >= untilMs) {
        throw new DimeeError('TIER_UNAVAILABLE', `None of ${this.#records.length} tiers answers.`, { retryable: true });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      signal.throwIfAborted();
    }
  }

  #race(journey: Journey, signal: AbortSignal): Promise<InferResult> {
    const ended = new AbortController();
    let hedge: ReturnType<typeof setTimeout> | undefined;
    const forward = () => ended.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    const outcome = new Promise<InferResult>((resolve, reject) => {
      ended.signal.addEventListener('abort', () => reject(ended.signal.reason), { once: true });
      const race: Race = { journey, ended, resolve, reject, tried: new Set(), running: 0, error: undefined };
      this.#sendOn(race);
      const lateMs = journey.request.input.kind === 'held' ? undefined : this.#lateMs;
      if (lateMs !== undefined) hedge = setTimeout(() => this.#hedge(race), lateMs);
    });
    return outcome.finally(() => {
      clearTimeout(hedge);
      signal.removeEventListener('abort', forward);
      // What is still on its way is wanted no more.
      ended.abort();
    });
  }

  /** Milliseconds after which an answer is late; undefined while too little is known. */
  get #lateMs(): number | undefined {
    return this.#newestMs.length < KNOWN ? undefined : quantile(this.#newestMs, LATE);
  }

  #hedge(race: Race): void {
    if (this.#saved < 1 || !this.#next(race)) return;
    this.#saved--;
    this.#sendOn(race);
  }

  /** Sends the request on the best way that it has not been on; where there is none left, it has failed. */
  #sendOn(race: Race): void {
    const record = this.#next(race);
    if (record) void this.#send(race, record);
    else if (race.running === 0) race.reject(race.error);
  }

  async #send(race: Race, record: WayRecord): Promise<void> {
    const { now } = this.options;
    const { journey, ended } = race;
    const sent = { at: now() };
    record.lastAskedAt = sent.at;
    record.sent.add(sent);
    race.tried.add(record);
    race.running++;
    try {
      const result = await record.way.infer({ ...journey.request, deadlineMs: this.#leftMs(journey) }, ended.signal);
      this.#learn(record, now() - sent.at, now() - journey.startedAt);
      this.#settle(journey.request.sampleKey, record);
      race.resolve(result);
    } catch (error) {
      // A late way that was cancelled has shown at least how long it had taken by then.
      if (ended.signal.aborted) this.#learn(record, Math.max(now() - sent.at, record.meanMs));
      race.error ??= error;
      race.running--;
      if (!ended.signal.aborted) this.#failed(race, error);
    } finally {
      record.sent.delete(sent);
    }
  }

  /** What another tier could answer goes on to it; the rest is the answer, unless another is still expected. */
  #failed(race: Race, error: unknown): void {
    const isBreak = hasCode(error, 'TIER_UNAVAILABLE');
    if (isBreak && ++race.journey.breaks < MOST_BREAKS) this.#sendOn(race);
    else if (race.running === 0) race.reject(race.error);
  }

  /** The best way among those that it has not been on. */
  #next({ journey, tried }: Race): WayRecord | undefined {
    const home = this.#homes.get(journey.request.sampleKey);
    if (home?.way.isOpen && !tried.has(home)) return home;
    const now = this.options.now();
    const open = this.#records.filter((record) => record.way.isOpen && !tried.has(record));
    const stale = open.find(({ lastAskedAt }) => now - lastAskedAt > STALE_MS);
    return stale ?? open.toSorted((one, other) => loadOf(one, now) - loadOf(other, now))[0];
  }

  #learn(record: WayRecord, ms: number, totalMs?: number): void {
    record.meanMs += (record.meanMs === 0 ? 1 : NEWEST_SHARE) * (ms - record.meanMs);
    if (totalMs !== undefined) this.#newestMs = [...this.#newestMs, totalMs].slice(-REMEMBERED);
  }

  #settle(sampleKey: string, record: WayRecord): void {
    this.#homes.delete(sampleKey);
    this.#homes.set(sampleKey, record);
    const [oldest] = this.#homes.keys();
    if (this.#homes.size > MOST_HOMES && oldest !== undefined) this.#homes.delete(oldest);
  }

  #leftMs({ request: { deadlineMs }, startedAt }: Journey): number {
    return deadlineMs - (this.options.now() - startedAt);
  }
}

/**
 * How little a way wants one more request: the time it takes, as it has shown or by what is still without an answer, for all
 * that would be in flight. Squared, so that a slow way is not asked as soon as a fast one has a few in flight.
 */
function loadOf({ meanMs, sent }: WayRecord, now: number): number {
  const [oldest] = sent;
  return Math.max(meanMs, oldest ? now - oldest.at : 0, 1) ** 2 * (sent.size + 1);
}
