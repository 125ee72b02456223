import { group } from 'd3-array';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { at } from '../numbers/at';
import { type TierName, toLayer } from '../layers';
import type { SampleTimes } from '../ladder/spans';
import { type TimedSample, type TraceEvent, traceEvents, traceFile } from './trace-events';

/** The Trace Event format as its documentation has it, for the two kinds of events that are written. */
const number = v.pipe(v.number(), v.finite());
const place = { pid: v.pipe(number, v.integer()), tid: v.pipe(number, v.integer()) };
const count = v.pipe(number, v.integer(), v.minValue(0));
const fileSchema = v.strictObject({
  displayTimeUnit: v.picklist(['ms', 'ns']),
  otherData: v.record(v.string(), v.string()),
  traceEvents: v.array(
    v.variant('ph', [
      v.strictObject({
        ph: v.literal('X'),
        ...place,
        ...{ name: v.string(), cat: v.string(), ts: count, dur: count },
        args: v.record(v.string(), v.union([v.string(), number, v.boolean()])),
      }),
      v.strictObject({
        ph: v.literal('M'),
        ...place,
        name: v.picklist(['process_name', 'process_sort_index', 'thread_name', 'thread_sort_index']),
        args: v.union([v.strictObject({ name: v.string() }), v.strictObject({ sort_index: number })]),
      }),
    ]),
  ),
});

const step = (layer: number, tier: TierName) =>
  ({ layer: toLayer(layer), tier, logits: [0, 1], computeMs: 2.0004 }) as const;

/** Two layers here and two at the edge, from a moment on. */
const climbed = (startedAt: number): SampleTimes => ({
  ...{ startedAt, totalMs: 30.1, queueMs: 4.3 },
  steps: [step(1, 'mobile'), step(2, 'mobile'), step(3, 'edge'), step(4, 'edge')],
  crossings: [{ from: 'mobile', to: 'edge', afterLayer: toLayer(2), bytesUp: 1, bytesDown: 1, roundTripMs: 15.7 }],
  stays: [
    { tier: 'mobile', totalMs: 30.1, queueMs: 3.1 },
    { tier: 'edge', totalMs: 9.3, queueMs: 1.2 },
  ],
});

const sample = (number: number, ...startedAt: number[]): TimedSample => ({
  name: `sentence ${number}`,
  runs: startedAt.map(climbed),
  exits: [1, 2, 3, 4].map((layer) => ({ layer: toLayer(layer), label: layer % 2, confidence: 0.5 + layer / 10 })),
  exitLayer: toLayer(4),
});

const LABELS = ['negative', 'positive'];
const all = (...samples: TimedSample[]) => [...traceEvents(samples, LABELS)];
const slices = (events: readonly TraceEvent[]) => events.filter((event) => event.ph === 'X');

/** Slices of a thread that overlap without one lying in the other. */
function crossed(events: readonly TraceEvent[]): string[] {
  const problems: string[] = [];
  const threads = group(slices(events), ({ pid, tid }) => `${pid}/${tid}`);
  for (const [thread, found] of threads) {
    const open: number[] = [];
    for (const { ts, dur, name } of [...found].sort((one, other) => one.ts - other.ts || other.dur - one.dur)) {
      while (open.length > 0 && at(open, open.length - 1) <= ts) open.pop();
      if (open.length > 0 && ts + dur > at(open, open.length - 1)) problems.push(`${thread} ${name} at ${ts}`);
      open.push(ts + dur);
    }
  }
  return problems;
}

describe('the trace of a run', () => {
  it('names the trace under which edge and cloud report their spans, where there is one', () => {
    const traced = (times: SampleTimes): SampleTimes => ({
      ...times,
      crossings: times.crossings.map((crossing) => ({ ...crossing, traceId: 'ab'.repeat(16) })),
    });
    const runs = sample(1, 0).runs.map(traced);
    const named = slices(all({ ...sample(1, 0), runs })).filter(({ name }) => name === 'sentence 1');
    expect(named.map(({ args }) => args.traceId)).toEqual(named.map(() => 'ab'.repeat(16)));
    expect(slices(all(sample(1, 0))).some(({ args }) => 'traceId' in args)).toBe(false);
  });

  it('is a file of the Trace Event format', () => {
    const text = [...traceFile([sample(1, 100), sample(2, 105, 300)], LABELS)].join('');
    const parsed = v.safeParse(fileSchema, JSON.parse(text));
    expect(parsed.issues).toBeUndefined();
    expect(parsed.success && parsed.output.traceEvents).toEqual(all(sample(1, 100), sample(2, 105, 300)));
  });

  it('of nothing is still one', () => {
    expect(v.is(fileSchema, JSON.parse([...traceFile([], LABELS)].join('')))).toBe(true);
  });

  it('has slices that nest on every thread, however the samples overlap', () => {
    const samples = Array.from({ length: 40 }, (_, index) => sample(index, 100 + 3.3 * ((index * 7) % 40)));
    const events = all(...samples);
    expect(crossed(events)).toEqual([]);
    expect(slices(events).filter(({ name }) => name === 'layer 3')).toHaveLength(40);
  });

  it('can tell slices that do not nest', () => {
    const [first] = slices(all(sample(1, 0)));
    expect(first && crossed([first, { ...first, ts: first.ts + 1 }])).toHaveLength(1);
  });

  it('names its processes and threads, each once', () => {
    const names = all(sample(1, 0), sample(2, 1), sample(3, 500))
      .filter((event) => event.ph === 'M' && event.name.endsWith('_name'))
      .map(({ pid, args }) => `${pid} ${'name' in args ? args.name : ''}`);
    expect(names.slice(0, 3)).toEqual(['1 This device', '2 Edge', '3 Cloud']);
    expect(names.slice(3).sort()).toEqual([
      ...['1 socket', '1 socket 2', '1 waiting', '1 waiting 2', '1 worker'],
      ...['1 worker 2', '2 edge', '2 edge 2', '2 waiting', '2 waiting 2'],
    ]);
  });

  it('says of each layer what its exit said, and which one was taken', () => {
    const layers = slices(all(sample(1, 0))).filter(({ name }) => name.startsWith('layer'));
    expect(layers.map(({ args }) => args)).toEqual([
      { layer: 1, label: 'positive', confidence: 0.6, exit: false },
      { layer: 2, label: 'negative', confidence: 0.7, exit: false },
      { layer: 3, label: 'positive', confidence: 0.8, exit: false },
      { layer: 4, label: 'negative', confidence: 0.9, exit: true },
    ]);
  });

  it('says that a sample is not settled', () => {
    const [first] = slices(all({ ...sample(1, 0), exitLayer: undefined }));
    expect(first).toMatchObject({ name: 'sentence 1', args: { settled: false } });
  });

  it('begins at the first sample’s start, whatever the clock says, in microseconds', () => {
    const events = slices(all(sample(2, 5_000_050), sample(1, 5_000_000)));
    expect(Math.min(...events.map(({ ts }) => ts))).toBe(0);
    expect(events.find(({ name }) => name === 'sentence 2')?.ts).toBe(50_000);
    const end = Math.max(...events.map(({ ts, dur }) => ts + dur));
    expect(end).toBe(50_000 + 30_100);
  });
});
