import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ERROR_CODES, type ErrorCode } from '../../core/errors';
import type { InferResult } from '../../core/ladder/tier';
import { type Span, type SpanName, spansOf } from '../../core/ladder/spans';
import type { TierName } from '../../core/layers';
import type { InferMessage } from '../../core/protocol/messages';
import type { ShadowResult } from './shadow-runs';
import type { Watched, Watcher } from '../../core/protocol/watcher';
import type { BatchReport, PoolStatus } from '../compute/pool';
import type { EngineStatus } from '../open-inference/open-inference-tier';

const OPENNESS: Readonly<Record<EngineStatus['breaker'], number>> = { closed: 0, 'half-open': 0.5, open: 1 };

/** What is looked up when somebody reads the metrics. */
export interface MetricSources {
  /** The tier whose clients are watched. */
  readonly tier: TierName;
  readonly tiers: () => Readonly<Record<string, TierLoad>>;
  /** What computes, for all tiers. */
  readonly compute: () => PoolStatus;
  /** The way to a cloud elsewhere, as far as samples did not take it, and to an engine, by variant. */
  readonly cloud: () => CloudFacts;
  readonly connections: () => number;
  /** Of messages over all sockets so far. */
  readonly traffic: () => { readonly receivedBytes: number; readonly sentBytes: number };
  readonly isReady: () => boolean;
}

/** How much a tier of this process has to do. */
export interface TierLoad {
  readonly running: number;
  readonly heldBytes: number;
}

export interface CloudFacts {
  /** Samples for a cloud elsewhere that were taken on in this process. */
  readonly ranHere: number;
  readonly engines: ReadonlyMap<string, EngineStatus>;
}

/** What a request's time went to, as operators tell it apart. */
type Part = 'queue' | 'compute' | 'upstream' | 'network' | 'other';

const PART_OF: Readonly<Record<SpanName, Part>> = {
  queue: 'queue',
  other: 'other',
  decode: 'compute',
  tokenize: 'compute',
  embed: 'compute',
  layer: 'compute',
  wait: 'network',
  encode: 'network',
  'wire up': 'network',
  'wire down': 'network',
  'decode answer': 'network',
};

/**
 * Milliseconds between two looks at the event loop. What prom-client tells as its lag is the whole time from one look to the
 * next, so that a thread which nothing holds up shows this much.
 */
export const EVENT_LOOP_LOOKS_MS = 10;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SAMPLES = [1, 2, 4, 8, 16, 32];
const SHARES = [0, 0.05, 0.1, 0.15, 0.25, 0.5];
const MS = 1000;

/**
 * What the server does, for Prometheus. Every label is one of a few: tiers, tasks and layers of the model, our error codes.
 * None comes from a client, and none holds what people typed.
 */
export class Metrics implements Watcher {
  readonly #registry = new Registry();
  readonly #exits = this.#counter('exits_total', 'Samples answered, by where they left.', ['tier', 'layer', 'task']);
  readonly #failures = this.#counter(
    'failures_total',
    'Requests not answered with a result, and connections given up, by error code; CANCELLED by their client.',
    ['reason'],
  );
  readonly #total = this.#histogram('request_seconds', 'From a sample’s last byte to its answer.', [], SECONDS);
  readonly #parts = this.#histogram(
    'request_part_seconds',
    'What that time went to: the queue, computing, tiers elsewhere, the network to them, other.',
    ['part'],
    SECONDS,
  );
  readonly #samples = this.#histogram('batch_samples', 'Samples that a layer ran for together.', ['layer'], SAMPLES);
  readonly #padding = this.#histogram('batch_padding_ratio', 'Share of a batch that is padding.', ['layer'], SHARES);

  readonly #shadow = this.#counter('shadow_samples_total', 'Shadow runs, by what the last exit says.', [
    'task',
    'agrees',
  ]);
  readonly #expected = this.#counter(
    'shadow_expected_agreements_total',
    'How many of them would agree, by the rows that thresholds were calibrated with.',
    ['task'],
  );
  readonly #drifts = this.#counter('shadow_drifts_total', 'Times that they agreed less than can be chance.', ['task']);

  constructor(private readonly sources: MetricSources) {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOKS_MS });
    const byTier = (name: string, help: string, of: (load: TierLoad) => number) =>
      this.#gauge(name, help, ['tier'], (gauge) => {
        for (const [tier, load] of Object.entries(sources.tiers())) gauge.set({ tier }, of(load));
      });
    const ofCompute = (name: string, help: string, of: (status: PoolStatus) => number) =>
      this.#gauge(name, help, [], (gauge) => gauge.set(of(sources.compute())));
    byTier('samples_running', 'Samples that climb here, computing or waiting for a worker.', ({ running }) => running);
    ofCompute('samples_waiting', 'Samples that wait for a worker.', ({ waiting }) => waiting);
    ofCompute('tokens_waiting', 'Tokens of the samples that wait for a worker.', ({ waitingTokens }) => waitingTokens);
    ofCompute('workers', 'Workers that compute, or could.', ({ workers }) => workers);
    ofCompute('workers_busy', 'Workers that compute.', ({ busy }) => busy);
    byTier('held_state_bytes', 'Hidden states kept so that samples can climb on.', ({ heldBytes }) => heldBytes);
    this.#running(
      'cloud_taken_on_total',
      'Samples for a cloud elsewhere that this process took on.',
      () => sources.cloud().ranHere,
    );
    const ofEngines = (name: string, help: string, of: (engine: EngineStatus) => number) =>
      this.#gauge(name, help, ['variant'], (gauge) => {
        for (const [variant, engine] of sources.cloud().engines) gauge.set({ variant }, of(engine));
      });
    ofEngines(
      'engine_breaker_open',
      '1 where an engine is away and nothing is sent to it, 0 where it is well, 0.5 between.',
      ({ breaker }) => OPENNESS[breaker],
    );
    ofEngines('engine_breaker_openings', 'Times that an engine went away so far.', ({ opened }) => opened);
    ofEngines('engine_samples', 'Samples that an engine has and has not answered.', ({ underWay }) => underWay);
    ofEngines('engine_retries', 'Samples sent to an engine a second time so far.', ({ retried }) => retried);
    this.#gauge('connections', 'Clients connected.', [], (gauge) => gauge.set(sources.connections()));
    this.#gauge('ready', '1 where /readyz says 200.', [], (gauge) => gauge.set(Number(sources.isReady())));
    this.#running('received_bytes_total', 'Bytes of clients’ messages.', () => sources.traffic().receivedBytes);
    this.#running('sent_bytes_total', 'Bytes of messages to clients.', () => sources.traffic().sentBytes);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them as Prometheus reads them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  began({ task }: InferMessage): Watched {
    return {
      answered: (result) => this.#answered(task, result),
      failed: (code) => this.refused(code),
      cancelled: () => this.#failures.inc({ reason: 'CANCELLED' }),
    };
  }

  refused(code: ErrorCode): void {
    // A tier elsewhere may be of another version, and send codes that nobody here has thought of.
    this.#failures.inc({ reason: ERROR_CODES.includes(code) ? code : 'INTERNAL' });
  }

  /** Of a batch, what a layer of it was run for together; one sample alone is a batch of one. */
  readonly batch = ({ parts, rows, tokens, paddedTokens }: BatchReport): void => {
    for (const { layer } of parts.filter((part) => part.kind === 'layer')) {
      this.#samples.observe({ layer }, rows);
      this.#padding.observe({ layer }, 1 - tokens / paddedTokens);
    }
  };

  readonly shadow = ({ task, agrees, expected }: ShadowResult): void => {
    // Both, so that a share of nothing is 0 and not missing.
    this.#shadow.inc({ task, agrees: 'yes' }, Number(agrees));
    this.#shadow.inc({ task, agrees: 'no' }, Number(!agrees));
    this.#expected.inc({ task }, expected);
  };

  readonly drift = (task: string): void => {
    this.#drifts.inc({ task });
  };

  #answered(task: string, result: InferResult): void {
    const exit = result.steps.at(-1);
    if (exit) this.#exits.inc({ tier: exit.tier, layer: exit.layer, task });
    const totalMs = result.stays?.[0]?.totalMs ?? 0;
    this.#total.observe(totalMs / MS);
    const spans = spansOf({ ...result, startedAt: 0, totalMs }, this.sources.tier);
    for (const [part, ms] of this.#byPart(spans)) this.#parts.observe({ part }, ms / MS);
  }

  #byPart(spans: readonly Span[]): ReadonlyMap<Part, number> {
    const hosted = Object.keys(this.sources.tiers());
    const sums = new Map<Part, number>();
    for (const { name, tier, durationMs } of spans) {
      const part = hosted.includes(tier) ? PART_OF[name] : 'upstream';
      sums.set(part, (sums.get(part) ?? 0) + durationMs);
    }
    return sums;
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `dimee_${name}`, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** A counter that is kept elsewhere. */
  #running(name: string, help: string, valueOf: () => number): void {
    new Counter({
      name: `dimee_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(valueOf());
      },
    });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: readonly Label[], buckets: number[]) {
    const registers = [this.#registry];
    return new Histogram({ name: `dimee_${name}`, help, labelNames: [...labelNames], buckets, registers });
  }

  #gauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void): void {
    new Gauge({
      ...{ name: `dimee_${name}`, help, labelNames, registers: [this.#registry] },
      collect() {
        read(this);
      },
    });
  }
}
