import type { Exit } from '../exits';
import { type LayerIndex, TIERS, type TierName } from '../layers';
import { type SampleTimes, type Span, type SpanName, spansOf } from '../ladder/spans';

/** A sample of a run, as a timeline shows it. */
export interface TimedSample {
  /** As it is called in the timeline, such as “sentence 3”. */
  readonly name: string;
  readonly runs: readonly SampleTimes[];
  readonly exits: readonly Pick<Exit, 'layer' | 'label' | 'confidence'>[];
  /** Where it was settled, if it was. */
  readonly exitLayer: LayerIndex | undefined;
}

/**
 * An event of the Trace Event format, which Perfetto and chrome://tracing open: a slice (`X`, times in whole microseconds,
 * so that what lies within another stays within it) or the name of a process or thread (`M`).
 */
export type TraceEvent =
  | {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
      readonly args: Readonly<Record<string, string | number | boolean>>;
    }
  | {
      readonly ph: 'M';
      readonly name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
      readonly pid: number;
      readonly tid: number;
      readonly args: Readonly<Record<string, string | number>>;
    };

type Slice = Extract<TraceEvent, { ph: 'X' }>;

const PROCESS_NAMES: Readonly<Record<TierName, string>> = { mobile: 'This device', edge: 'Edge', cloud: 'Cloud' };

/** Threads of a tier: what waits, what computes, what crosses to the next tier. */
const THREADS = ['waiting', 'computing', 'socket'] as const;
type Thread = (typeof THREADS)[number];
const COMPUTING_NAMES: Readonly<Record<TierName, string>> = { mobile: 'worker', edge: 'edge', cloud: 'cloud' };

const THREAD_OF: Readonly<Record<SpanName, Thread>> = {
  queue: 'waiting',
  other: 'waiting',
  decode: 'computing',
  tokenize: 'computing',
  embed: 'computing',
  layer: 'computing',
  wait: 'socket',
  encode: 'socket',
  'wire up': 'socket',
  'wire down': 'socket',
  'decode answer': 'socket',
};

/** Numbers of threads of a tier: the lanes of `waiting` from 1000 on, those of `computing` from 2000 on. */
const LANES_OF_A_THREAD = 1000;

/** What the file says of its own clock. */
const CLOCK =
  'Microseconds from the first sample’s start, by the clock of this device. Durations of edge and cloud are by their own ' +
  'clocks, placed within the round trip to them; what they leave of it is the wire, half each way. Within a tier the order ' +
  'is known, and pauses are summed up as “other” before the layers.';

/**
 * The events of a whole run: processes are tiers, and samples that overlap lie on lanes beside each other, since slices of
 * one thread may only nest. `labels` are the classes’ names.
 */
export function* traceEvents(samples: readonly TimedSample[], labels: readonly string[]): Generator<TraceEvent> {
  const runs = samples.flatMap((sample) => sample.runs.map((times) => ({ sample, times })));
  runs.sort((one, other) => one.times.startedAt - other.times.startedAt);
  const firstAt = runs[0]?.times.startedAt ?? 0;
  const lanes = new Lanes();
  yield* processNames();
  for (const { sample, times } of runs) {
    for (const [thread, spans] of byThread(spansOf(times))) {
      yield* slicesOf(thread, spans, { sample, times, labels, lanes, firstAt });
    }
  }
}

/** The file, part by part: JSON with the events in `traceEvents`. */
export function* traceFile(samples: readonly TimedSample[], labels: readonly string[]): Generator<string> {
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify({ clock: CLOCK })},"traceEvents":[`;
  let separator = '\n';
  for (const event of traceEvents(samples, labels)) {
    yield separator + JSON.stringify(event);
    separator = ',\n';
  }
  yield '\n]}\n';
}

interface Track {
  readonly tier: TierName;
  readonly thread: Thread;
}

interface Context {
  readonly sample: TimedSample;
  readonly times: SampleTimes;
  readonly labels: readonly string[];
  readonly lanes: Lanes;
  /** When the first sample of all began. */
  readonly firstAt: number;
}

function* processNames(): Generator<TraceEvent> {
  for (const [index, tier] of TIERS.entries()) {
    const of = { ph: 'M', pid: index + 1, tid: 0 } as const;
    yield { ...of, name: 'process_name', args: { name: PROCESS_NAMES[tier] } };
    yield { ...of, name: 'process_sort_index', args: { sort_index: index } };
  }
}

function byThread(spans: readonly Span[]): Iterable<readonly [Track, readonly Span[]]> {
  const found = new Map<string, [Track, Span[]]>();
  for (const span of spans) {
    const thread = THREAD_OF[span.name];
    const key = `${span.tier} ${thread}`;
    const entry = found.get(key) ?? [{ tier: span.tier, thread }, []];
    entry[1].push(span);
    found.set(key, entry);
  }
  return found.values();
}

/** A sample's spans on a thread, below a slice of their own that names the sample. */
function* slicesOf(track: Track, spans: readonly Span[], context: Context): Generator<TraceEvent> {
  const { sample, lanes } = context;
  const slices = spans.map((span) => sliceOf(span, context));
  const ts = Math.min(...slices.map((slice) => slice.ts));
  const end = Math.max(...slices.map((slice) => slice.ts + slice.dur));
  const { lane, isNew } = lanes.take(track, ts, end);
  const at = { pid: TIERS.indexOf(track.tier) + 1, tid: tidOf(track, lane) };
  if (isNew) yield* threadNames(track, lane, at);
  yield { ph: 'X', name: sample.name, cat: track.tier, ...at, ts, dur: end - ts, args: argsOf(context) };
  for (const slice of slices) yield { ...slice, ...at };
}

function sliceOf(span: Span, { sample, times, labels, firstAt }: Context): Omit<Slice, 'pid' | 'tid'> {
  const startMs = times.startedAt - firstAt + span.startMs;
  const ts = Math.round(1000 * startMs);
  const dur = Math.round(1000 * (startMs + span.durationMs)) - ts;
  const name = span.layer === undefined ? span.name : `layer ${span.layer}`;
  const exit = sample.exits.find(({ layer }) => layer === span.layer);
  const args =
    span.layer === undefined || !exit
      ? {}
      : {
          layer: span.layer,
          label: labels[exit.label] ?? exit.label,
          confidence: exit.confidence,
          exit: span.layer === sample.exitLayer,
        };
  return { ph: 'X', name, cat: span.tier, ts, dur, args };
}

function argsOf({ sample, times, labels }: Context): Slice['args'] {
  const exit = sample.exits.find(({ layer }) => layer === sample.exitLayer);
  const traceId = times.crossings.find((crossing) => crossing.traceId !== undefined)?.traceId;
  return {
    ...(exit
      ? { exit: exit.layer, label: labels[exit.label] ?? exit.label, confidence: exit.confidence }
      : { settled: false }),
    ...(traceId !== undefined && { traceId }),
  };
}

function tidOf({ thread }: Track, lane: number): number {
  return LANES_OF_A_THREAD * (THREADS.indexOf(thread) + 1) + lane;
}

function* threadNames({ tier, thread }: Track, lane: number, at: Pick<Slice, 'pid' | 'tid'>): Generator<TraceEvent> {
  const name = thread === 'computing' ? COMPUTING_NAMES[tier] : thread;
  yield { ph: 'M', name: 'thread_name', ...at, args: { name: lane === 0 ? name : `${name} ${lane + 1}` } };
  yield { ph: 'M', name: 'thread_sort_index', ...at, args: { sort_index: at.tid } };
}

/** Lanes of each thread, and until when each is taken. */
class Lanes {
  readonly #takenUntil = new Map<string, number[]>();

  /** The first lane that is free from `start` on. Starts need not be in order: a lane is free from its last end on. */
  take({ tier, thread }: Track, start: number, end: number): { readonly lane: number; readonly isNew: boolean } {
    const key = `${tier} ${thread}`;
    const ends = this.#takenUntil.get(key) ?? [];
    this.#takenUntil.set(key, ends);
    const free = ends.findIndex((taken) => taken <= start);
    const lane = free === -1 ? ends.length : free;
    const isNew = lane === ends.length;
    ends[lane] = end;
    return { lane, isNew };
  }
}
