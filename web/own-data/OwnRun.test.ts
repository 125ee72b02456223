import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ErrorCode } from '../../core/errors';
import { type Reading, readingOf } from '../../core/model/reading';
import type { RunListener, RunRequest } from '../state/open-runs';
import type { TierRun } from '../state/WorkerTier.svelte';
import type { CollectedPart, Collector } from './collectors';
import type { OwnResult } from './OwnResult';
import { type OwnJob, OwnRun, type RunPart } from './OwnRun.svelte';

/** A worker whose answers the test gives: it keeps what it was asked. */
class FakeTier {
  readonly batches: { readonly request: RunRequest; readonly listener: RunListener }[] = [];
  readonly stopped: number[] = [];

  run(request: RunRequest, listener: RunListener): TierRun {
    const batch = this.batches.push({ request, listener }) - 1;
    return { stop: () => this.stopped.push(batch) };
  }

  rowsOf(batch: number): number[] {
    return (this.batches[batch]?.request.samples ?? []).map(({ sampleKey }) => Number(sampleKey.split('-').at(-1)));
  }

  /** Answers rows of a batch: all of them unless some are named. */
  answer(batch: number, rows = this.rowsOf(batch), reading?: Reading): void {
    for (const row of rows) {
      const { listener } = this.#at(batch);
      const result = {
        tokens: 4,
        steps: [],
        crossings: [],
        queueMs: 0,
        stepsAfter: 0,
        ranLocally: undefined,
        reading,
        startedAt: 0,
        totalMs: 1,
      };
      listener.result({ type: 'result', runId: batch, sampleKey: this.#key(batch, row), result });
    }
  }

  fail(batch: number, row: number, retryable: boolean, code: ErrorCode = 'INTERNAL'): void {
    const { listener } = this.#at(batch);
    const error = { code, message: `Row ${row} failed.`, retryable };
    listener.failed({ type: 'failed', runId: batch, sampleKey: this.#key(batch, row), error });
  }

  finish(batch: number, stopped = false): void {
    const { listener } = this.#at(batch);
    listener.finished({ type: 'finished', runId: batch, stopped });
  }

  #at(batch: number) {
    const found = this.batches[batch];
    if (!found) throw new Error(`There is no batch ${batch}.`);
    return found;
  }

  #key(batch: number, row: number): string {
    return this.#at(batch).request.samples[this.rowsOf(batch).indexOf(row)]?.sampleKey ?? '';
  }
}

function collectorOf(): Collector {
  const rows = new Set<number>();
  return {
    policy: { id: 'saturation', parameters: {} },
    get count() {
      return rows.size;
    },
    add: (row) => void rows.add(row),
    has: (row) => rows.has(row),
    part: (of) => ({ depth: 'ownExit', recorded: { rows: of } }) as CollectedPart,
    take: ({ recorded }) => recorded.rows.forEach((row) => rows.add(row)),
    result: () => ({ rowNumbers: Uint32Array.from(rows), trace: undefined, exits: undefined }),
  };
}

function jobOf(rows: number): OwnJob {
  const texts = Array.from({ length: rows }, (_, row) => [`row ${row}`] as const);
  const lines = Uint32Array.from(texts, (_, row) => row + 2);
  const plan = { mobileLayers: 4, edgeLayers: 8 };
  const source = { texts, lines, gold: undefined };
  return { name: 'a.csv', task: 'sst2', rows: source, collector: collectorOf(), plan, payloadDtype: 'int8' };
}

function started(rows: number) {
  const tier = new FakeTier();
  const ends: (OwnResult | undefined)[] = [];
  const parts: RunPart[] = [];
  const run = new OwnRun(tier, { ended: (result) => void ends.push(result), found: (part) => void parts.push(part) });
  run.start(jobOf(rows));
  return { tier, ends, parts, run };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (show: () => void) => setTimeout(show));
});

describe('a run of own rows', () => {
  test('goes batch by batch to its end', () => {
    const { tier, ends, run } = started(130);
    expect(tier.rowsOf(0)).toEqual(range(0, 64));
    tier.answer(0);
    tier.finish(0);
    tier.answer(1);
    tier.finish(1);
    expect(tier.rowsOf(2)).toEqual([128, 129]);
    tier.answer(2);
    tier.finish(2);
    expect(run.state).toBe('idle');
    expect(ends).toEqual([expect.objectContaining({ name: 'a.csv', rowNumbers: Uint32Array.from(range(0, 130)) })]);
  });

  test('tells what it has found, batch by batch, and goes on from there', () => {
    const { tier, parts, run } = started(130);
    tier.answer(0, undefined, readingOf([{ tokens: 410, read: 126, unknown: 60 }]));
    expect(parts).toEqual([]);
    tier.finish(0);
    tier.answer(1, [64, 66]);
    run.pause();
    expect(parts.map(({ collected }) => [...collected.recorded.rows])).toEqual([range(0, 64), [64, 66]]);
    expect(parts.map(({ readings }) => readings.length)).toEqual([64, 0]);

    const { tier: later, ends, run: again } = started(130);
    again.cancel();
    again.takeOver(jobOf(130), parts);
    expect([again.state, again.progress?.done, again.progress?.readings.cut]).toEqual(['paused', 66, 64]);
    again.resume();
    expect(later.rowsOf(1)).toEqual([65, ...range(67, 130)]);
    later.answer(1);
    later.finish(1);
    expect(ends.at(-1)?.rowNumbers).toHaveLength(130);
  });

  test('keeps what was read of rows, and is not held up by those that are no sentences', () => {
    const { tier, ends, run } = started(66);
    for (const row of tier.rowsOf(0)) tier.fail(0, row, false, 'NO_KNOWN_TOKEN');
    tier.finish(0);
    expect([run.state, run.problem, tier.rowsOf(1)]).toEqual(['running', undefined, [64, 65]]);
    tier.answer(1, [64], readingOf([{ tokens: 410, read: 126, unknown: 60 }]));
    tier.answer(1, [65]);
    tier.finish(1);
    expect(run.progress).toMatchObject({ failed: 64, readings: { cut: 1, muchUnknown: 1, noSentence: 64 } });
    const [result] = ends;
    expect(result?.readings).toMatchObject({ tokens: Uint32Array.of(412, 0), read: Uint32Array.of(128, 0) });
    expect(result?.noSentences).toEqual(Uint32Array.from(range(0, 64)));
  });

  test('pauses at once, counts what still comes, and goes on with the rest', () => {
    const { tier, ends, run } = started(3);
    tier.answer(0, [1]);
    run.pause();
    expect(tier.stopped).toEqual([0]);
    tier.answer(0, [0]);
    tier.finish(0, true);
    expect(tier.batches).toHaveLength(1);
    run.resume();
    expect(tier.rowsOf(1)).toEqual([2]);
    tier.answer(1);
    tier.finish(1);
    expect(ends).toHaveLength(1);
  });

  test('gives way to the sentences and goes on by itself', () => {
    const { tier, run } = started(3);
    tier.answer(0, [0]);
    run.giveWay();
    tier.finish(0, true);
    expect(run.state).toBe('running');
    expect(tier.rowsOf(1)).toEqual([1, 2]);
  });

  test('keeps what is done when it is cancelled, and passes over what comes later', () => {
    const { tier, ends, run } = started(3);
    tier.answer(0, [2]);
    run.cancel();
    tier.answer(0, [0]);
    tier.finish(0, true);
    expect(ends).toEqual([expect.objectContaining({ rowNumbers: Uint32Array.of(2) })]);
    expect(tier.batches).toHaveLength(1);
  });

  test('cancelled before the first answer leaves nothing', () => {
    const { ends, run } = started(3);
    run.cancel();
    expect(ends).toEqual([undefined]);
  });

  test('leaves out a row that fails, with its line and the reason', () => {
    const { tier, ends, run } = started(3);
    tier.answer(0, [0, 2]);
    tier.fail(0, 1, false);
    tier.finish(0);
    expect(run.failures).toEqual([{ line: 3, message: 'Row 1 failed.' }]);
    expect(run.progress).toMatchObject({ done: 2, failed: 1, total: 3 });
    expect(ends).toHaveLength(1);
  });

  test('tries a row again that may succeed later, three times in all', () => {
    const { tier, ends, run } = started(130);
    for (const batch of [0, 1, 2]) {
      tier.answer(
        batch,
        tier.rowsOf(batch).filter((row) => row !== 0),
      );
      tier.fail(batch, 0, true);
      tier.finish(batch);
    }
    expect(tier.rowsOf(1)[0]).toBe(0);
    expect(run.failures).toEqual([{ line: 2, message: 'Row 0 failed.' }]);
    expect(ends).toHaveLength(1);
  });

  test('stands still, with the reason, where no row is answered, and does not hold that against the rows', () => {
    const { tier, ends, run } = started(2);
    for (let batch = 0; batch < 5; batch++) {
      tier.fail(batch, 0, true);
      tier.fail(batch, 1, true);
      tier.finish(batch);
      expect(run.state).toBe('paused');
      expect(run.problem).toBe('Row 1 failed. Resume to try again.');
      run.resume();
    }
    tier.answer(5);
    tier.finish(5);
    expect(run.failures).toEqual([]);
    expect(ends).toHaveLength(1);
  });

  test('says so where every row has failed for good', () => {
    const { tier, ends, run } = started(1);
    tier.fail(0, 0, false);
    tier.finish(0);
    expect(run).toMatchObject({ state: 'paused', problem: 'No row was answered. Row 0 failed.' });
    expect(ends).toEqual([]);
  });
});
