import { type Context, diag, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ErrorCode } from '../../core/errors';
import type { InferResult } from '../../core/ladder/tier';
import { spansOf } from '../../core/ladder/spans';
import type { TierName } from '../../core/layers';
import type { Log } from '../../core/log';
import type { InferMessage } from '../../core/protocol/messages';
import type { Watched, Watcher } from '../../core/protocol/watcher';

export interface TracesOptions {
  /** Of a collector that takes OTLP over HTTP; `v1/traces` is below it. */
  readonly url: string;
  /** Of all requests, how many are traced, 0 to 1: the same ones at every tier of the same share. */
  readonly share: number;
  readonly tier: TierName;
  readonly log: Log;
}

/** While a collector is away, it is said once in so many milliseconds. */
const SAY_AGAIN_MS = 60_000;
/** Milliseconds that the last spans have to arrive when the server ends. */
const FLUSH_MS = 1000;

/**
 * Requests as traces of OpenTelemetry: a span for the request, and below it those of the page's timeline, by the same
 * names (`core/ladder/spans.ts`), for all that this process saw. Standard variables (`OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, …) are the library's to read.
 */
export class Traces {
  readonly #provider: TracerProvider;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: TracesOptions) {
    const { url, share, tier } = options;
    const silent = () => undefined;
    const logger = { error: (problem: string) => this.#complain(problem), warn: silent, info: silent, debug: silent };
    diag.setLogger({ ...logger, verbose: silent }, { suppressOverrideMessage: true });
    const exporter = new OTLPTraceExporter({ url: `${url.replace(/\/$/, '')}/v1/traces` });
    const named = resourceFromAttributes({ 'service.name': `dimee-${tier}` });
    this.#provider = new TracerProvider({
      resource: named.merge(detectResources({ detectors: [envDetector] })),
      // By the trace's number, not by what a client says of it: nobody can have all that is theirs traced.
      sampler: new TraceIdRatioBasedSampler(share),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
  }

  /** `isHosted`: whether a tier is this process's own; those elsewhere report their own spans. */
  watcher(isHosted: (tier: TierName) => boolean): Watcher {
    return { traces: true, refused: () => undefined, began: (infer) => this.#began(infer, isHosted) };
  }

  async close(): Promise<void> {
    await this.#provider
      .forceFlush({ timeoutMillis: FLUSH_MS })
      .catch((errors: unknown) => this.#complain(String(errors)));
  }

  #began(infer: InferMessage, isHosted: (tier: TierName) => boolean): Watched {
    const { tier } = this.options;
    const tracer = this.#provider.getTracer('dimee');
    const arrivedAt = Date.now();
    const attributes = {
      'dimee.tier': tier,
      'dimee.task': infer.task,
      'dimee.entered_after': infer.priorLogits.length,
    };
    const kind = SpanKind.SERVER;
    const request = tracer.startSpan('infer', { kind, startTime: arrivedAt, attributes }, contextOf(infer.traceparent));
    const failed = (code: string) => {
      request.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code });
      request.end();
    };
    return {
      traceparent: traceparentOf(request),
      answered: (result) => {
        if (request.isRecording()) this.#addParts(request, result, isHosted);
        request.setAttributes(exitOf(result)).end();
      },
      failed: (code: ErrorCode) => failed(code),
      cancelled: () => failed('CANCELLED'),
    };
  }

  /** Durations are placed back from the answer: the request's own span began with its first byte. */
  #addParts(request: Span, result: InferResult, isHosted: (tier: TierName) => boolean): void {
    const tracer = this.#provider.getTracer('dimee');
    const below = trace.setSpan(ROOT_CONTEXT, request);
    const totalMs = result.stays?.[0]?.totalMs ?? 0;
    const startedAt = Date.now() - totalMs;
    const spans = spansOf({ ...result, startedAt, totalMs }, this.options.tier);
    for (const { name, tier, layer, startMs, durationMs } of spans.filter((span) => isHosted(span.tier))) {
      const attributes = { 'dimee.tier': tier, ...(layer !== undefined && { 'dimee.layer': layer }) };
      const startTime = startedAt + startMs;
      tracer.startSpan(name, { startTime, attributes }, below).end(startTime + durationMs);
    }
  }

  #complain(problem: string): void {
    if (performance.now() - this.#complainedAt < SAY_AGAIN_MS) return;
    this.#complainedAt = performance.now();
    this.options.log('warn', `traces do not reach ${this.options.url}: ${problem}`);
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function exitOf({ tokens, steps }: InferResult) {
  const exit = steps.at(-1);
  const where = exit && { 'dimee.exit.layer': exit.layer, 'dimee.exit.tier': exit.tier };
  return { 'dimee.tokens': tokens, 'dimee.layers': steps.length, ...where };
}
