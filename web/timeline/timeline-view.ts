import { silentTiers, type Span, type SpanName, spansOfRuns } from '../../core/ladder/spans';
import type { LayerIndex, TierName } from '../../core/layers';
import { TIERS } from '../../core/layers';
import type { SentenceRow } from '../state/shown-sentence';

/** Lines of the drawing: what is on the way has its own. */
export const LANES = ['mobile', 'wire', 'edge', 'cloud'] as const;
export type Lane = (typeof LANES)[number];

/** Spans that are alike to whoever asks where the time went. */
export const KINDS = ['layers', 'text', 'payload', 'wire', 'waiting'] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Readonly<Record<SpanName, Kind>> = {
  layer: 'layers',
  tokenize: 'text',
  embed: 'text',
  encode: 'payload',
  decode: 'payload',
  'decode answer': 'payload',
  'wire up': 'wire',
  'wire down': 'wire',
  queue: 'waiting',
  wait: 'waiting',
  other: 'waiting',
};

/** A span, where it is drawn. */
export interface Bar extends Span {
  readonly kind: Kind;
  readonly lane: Lane;
  /** Of the whole width, 0 to 1. */
  readonly left: number;
  readonly width: number;
  /** It ran for earlier settings: the sentence is settled before it now. */
  readonly isBeyond: boolean;
}

export interface TimelineView {
  readonly totalMs: number;
  readonly bars: readonly Bar[];
  /** Lanes with anything on them. */
  readonly lanes: readonly Lane[];
  /** Milliseconds of layers, by tier, and of everything else. */
  readonly layersMs: Readonly<Record<TierName, number>>;
  readonly otherMs: Readonly<Record<Exclude<Kind, 'layers'>, number>>;
  /** Tiers that ran layers and reported nothing else. */
  readonly silent: readonly TierName[];
  /** Times that it was taken on. */
  readonly runs: number;
}

/** Undefined before anything has run for it. */
export function timelineOf({ climbed, outcome }: Pick<SentenceRow, 'climbed' | 'outcome'>): TimelineView | undefined {
  const { runs } = climbed;
  const totalMs = runs.reduce((sum, run) => sum + run.totalMs, 0);
  if (!(totalMs > 0)) return undefined;
  const bars = spansOfRuns(runs).map((span) => barOf(span, totalMs, outcome?.exit.layer));
  const msOf = (isMeant: (bar: Bar) => boolean) =>
    bars.filter(isMeant).reduce((sum, { durationMs }) => sum + durationMs, 0);
  const layersOn = (tier: TierName) => msOf((bar) => bar.kind === 'layers' && bar.tier === tier);
  const kind = (wanted: Kind) => msOf((bar) => bar.kind === wanted);
  return {
    totalMs,
    bars,
    lanes: LANES.filter((lane) => bars.some((bar) => bar.lane === lane)),
    layersMs: { mobile: layersOn('mobile'), edge: layersOn('edge'), cloud: layersOn('cloud') },
    otherMs: { text: kind('text'), payload: kind('payload'), wire: kind('wire'), waiting: kind('waiting') },
    silent: TIERS.filter((tier) => runs.some((run) => silentTiers(run).includes(tier))),
    runs: runs.length,
  };
}

function barOf(span: Span, totalMs: number, exitLayer: LayerIndex | undefined): Bar {
  const kind = KIND_OF[span.name];
  return {
    ...{ ...span, kind, lane: kind === 'wire' ? 'wire' : span.tier },
    ...{ left: span.startMs / totalMs, width: span.durationMs / totalMs },
    isBeyond: exitLayer !== undefined && span.layer !== undefined && span.layer > exitLayer,
  };
}

/** A few round times along the way, from 0: at most five, and none whose number would stand out over the end. */
export function ticksOf(totalMs: number): readonly number[] {
  const least = totalMs / 5;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? least;
  return Array.from({ length: Math.floor((0.88 * totalMs) / step) + 1 }, (_, index) => index * step);
}
