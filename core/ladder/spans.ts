import type { LayerIndex, TierName } from '../layers';
import { TIERS } from '../layers';
import type { SampleResult } from './hybrid-tier';
import type { Crossing, Stay } from './tier';

/**
 * What a span of a sample's time went to; as OpenTelemetry wants names, there are few of them, and layer and tier stand
 * beside. `wait` is for the line to the next tier, `queue` for a turn, `other` what a tier spent on nothing of these.
 */
export type SpanName =
  | 'decode'
  | 'queue'
  | 'tokenize'
  | 'embed'
  | 'layer'
  | 'other'
  | 'wait'
  | 'encode'
  | 'wire up'
  | 'wire down'
  | 'decode answer';

/** A part of a sample's time. */
export interface Span {
  readonly name: SpanName;
  /** Whose time it is; of a hop, that of the tier which sent. */
  readonly tier: TierName;
  /** From the sample's start. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly layer?: LayerIndex | undefined;
}

/** What is known of the time that one run took for a sample. */
export type SampleTimes = Pick<SampleResult, 'steps' | 'crossings' | 'queueMs' | 'stays' | 'startedAt' | 'totalMs'>;

export function timesOf({ steps, crossings, queueMs, stays, startedAt, totalMs }: SampleTimes): SampleTimes {
  return { steps, crossings, queueMs, stays, startedAt, totalMs };
}

/** Tiers that ran layers and did not say what else they spent their time on: it counts as on the wire. */
export function silentTiers({ steps, stays = [] }: SampleTimes): readonly TierName[] {
  return TIERS.filter((tier) => steps.some((step) => step.tier === tier) && !stays.some((stay) => stay.tier === tier));
}

/**
 * The spans of a run, from the tier it came to first on, in order and without overlap, as long as `totalMs` together. Durations of another machine stand
 * within the round trip to it, where no two clocks are compared: what its own durations leave of that was on the wire,
 * half on the way up and half on the way down, since one clock cannot tell the ways apart. Within a tier the order is
 * known and where it paused is not: that is one span, `other`, before its layers, where files are waited for.
 */
export function spansOf(times: SampleTimes, first: TierName = 'mobile'): readonly Span[] {
  return new Layout(times).spans(first);
}

/** The spans of all runs of a sample, one after the other: how long it rested in between is not part of its time. */
export function spansOfRuns(runs: readonly SampleTimes[]): readonly Span[] {
  let endMs = 0;
  return runs.flatMap((run) => {
    const startMs = endMs;
    endMs += run.totalMs;
    return spansOf(run).map((span) => ({ ...span, startMs: startMs + span.startMs }));
  });
}

interface Part extends Pick<Span, 'name' | 'layer'> {
  readonly ms: number;
}

class Layout {
  readonly #spans: Span[] = [];

  constructor(private readonly times: SampleTimes) {}

  spans(first: TierName): readonly Span[] {
    this.#placeStay(first, 0, this.times.totalMs);
    return this.#spans;
  }

  /** What a tier says of its own time is cut to the time that it was given, in proportion. */
  #placeStay(tier: TierName, startMs: number, lengthMs: number): void {
    const [parts, layers] = [this.#entryOf(tier), this.#layersOf(tier)];
    const hop = this.#hopFrom(tier);
    const knownMs = total(parts) + total(layers) + hopMs(hop);
    const scale = knownMs > lengthMs ? lengthMs / knownMs : 1;
    const other = { name: 'other', ms: lengthMs - scale * knownMs } as const;
    const at = this.#place(tier, startMs, scale, [...parts, other, ...layers]);
    if (hop) this.#placeHop(hop, at, scale);
  }

  #placeHop(hop: Crossing, startMs: number, scale: number): void {
    const { from, to, waitMs = 0, encodeMs = 0, roundTripMs, decodeMs = 0 } = hop;
    const sentAt = this.#place(from, startMs, scale, [
      { name: 'wait', ms: waitMs },
      { name: 'encode', ms: encodeMs },
    ]);
    const farMs = Math.min(this.#lengthOf(to), roundTripMs);
    const answerMs = Math.min(decodeMs, roundTripMs - farMs);
    const wayMs = (roundTripMs - farMs - answerMs) / 2;
    const arrivedAt = this.#place(from, sentAt, scale, [{ name: 'wire up', ms: wayMs }]);
    this.#placeStay(to, arrivedAt, scale * farMs);
    this.#place(from, arrivedAt + scale * farMs, scale, [
      { name: 'wire down', ms: wayMs },
      { name: 'decode answer', ms: answerMs },
    ]);
  }

  /** Where the next part begins. */
  #place(tier: TierName, startMs: number, scale: number, parts: readonly Part[]): number {
    let at = startMs;
    for (const { name, layer, ms } of parts) {
      const durationMs = scale * ms;
      if (durationMs > 0) this.#spans.push({ name, tier, startMs: at, durationMs, layer });
      at += Math.max(durationMs, 0);
    }
    return at;
  }

  #entryOf(tier: TierName): readonly Part[] {
    const { decodeMs = 0, tokenizeMs = 0, embedMs = 0 } = this.#stayAt(tier) ?? {};
    return [
      { name: 'decode', ms: decodeMs },
      // A clock that stands still while files are fetched may give less than nothing.
      { name: 'queue', ms: Math.max(this.#queueAt(tier), 0) },
      { name: 'tokenize', ms: tokenizeMs },
      { name: 'embed', ms: embedMs },
    ];
  }

  #layersOf(tier: TierName): readonly Part[] {
    const steps = this.times.steps.filter((step) => step.tier === tier);
    return steps.map(({ layer, computeMs }) => ({ name: 'layer', layer, ms: computeMs }));
  }

  /** As it says, or else all that is known of it. */
  #lengthOf(tier: TierName): number {
    const known = [...this.#entryOf(tier), ...this.#layersOf(tier)];
    return this.#stayAt(tier)?.totalMs ?? total(known) + hopMs(this.#hopFrom(tier));
  }

  /** Of a tier that says nothing of its own: what the others leave of all that was spent in queues. */
  #queueAt(tier: TierName): number {
    const stay = this.#stayAt(tier);
    if (stay) return stay.queueMs;
    if (silentTiers(this.times)[0] !== tier) return 0;
    const { queueMs, stays = [] } = this.times;
    return queueMs - stays.reduce((sum, known) => sum + known.queueMs, 0);
  }

  #stayAt(tier: TierName): Stay | undefined {
    return this.times.stays?.find((stay) => stay.tier === tier);
  }

  #hopFrom(tier: TierName): Crossing | undefined {
    const { crossings } = this.times;
    return crossings.find(({ from, to }) => from === tier && TIERS.indexOf(to) > TIERS.indexOf(from));
  }
}

function total(parts: readonly Part[]): number {
  return parts.reduce((sum, { ms }) => sum + ms, 0);
}

function hopMs(hop: Crossing | undefined): number {
  return hop ? (hop.waitMs ?? 0) + (hop.encodeMs ?? 0) + hop.roundTripMs : 0;
}
