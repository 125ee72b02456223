import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SampleResult } from '../../core/ladder/hybrid-tier';
import { readTexts } from '../../core/model/reading';
import { fakeLadder } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { Settings } from '../state/Settings.svelte';
import type { RunListener, RunRequest } from '../state/open-runs';
import type { TierRun } from '../state/WorkerTier.svelte';
import { MemoryStore } from '../testing/memory-store';
import { OwnData } from './OwnData.svelte';
import { answersOf } from './OwnResult';

const saved = vi.hoisted(() => new Map<string, Blob>());
vi.mock('../charts/download', () => ({ download: (name: string, data: Blob) => saved.set(name, data) }));

const manifest = fakeManifest();
const runtime = new FakeRuntime({ manifest });

/** The worker, with the real ladder over a fake network. */
class FakeTier {
  readonly #ladder = fakeLadder({ name: 'mobile', covers: ['mobile', 'edge', 'cloud'], manifest });

  run(request: RunRequest, listener: RunListener): TierRun {
    const stopping = new AbortController();
    void this.#perform(request, listener, stopping.signal);
    return { stop: () => stopping.abort() };
  }

  async #perform(request: RunRequest, listener: RunListener, stopping: AbortSignal): Promise<void> {
    const { samples, measurePools, ...asked } = request;
    const runId = 1;
    for (const { sampleKey, texts, priorLogits } of samples) {
      if (stopping.aborted) break;
      const sample = { ...asked, sampleKey, priorLogits, input: { kind: 'text', texts } as const, deadlineMs: 1e4 };
      // A task of its own, as a message from the worker is.
      await new Promise((resolve) => setTimeout(resolve));
      const answer = await this.#ladder.infer(sample, new AbortController().signal);
      const distances = measurePools && { dimee: [1, 2, 3], dimecDc: [3, 2, 1] };
      const from = { stepsAfter: 0, ranLocally: undefined, reading: await readTexts(runtime, texts) };
      const result: SampleResult = { ...answer, distances, ...from, startedAt: 0, totalMs: 1 };
      listener.result({ type: 'result', runId, sampleKey, result });
    }
    listener.finished({ type: 'finished', runId, stopped: stopping.aborted });
  }
}

function pageWith(store = new MemoryStore()) {
  const settings = new Settings(manifest);
  const page = {
    ...{ settings, tier: new FakeTier(), store },
    get fitting() {
      const { policy, parameters, stretches } = settings;
      return { decision: { policy, parameters, stretches, fitted: {} }, problem: undefined };
    },
    sentences: { policyProblem: undefined },
  };
  const ownData = new OwnData(page);
  return { ownData, settings };
}

const ended = (ownData: OwnData) => vi.waitUntil(() => ownData.result !== undefined, { timeout: 20_000 });
const csv = (rows: number) =>
  [
    'text,verdict',
    ...Array.from({ length: rows }, (_, row) => `"film, number ${row}",${row % 3 ? 'pos' : 'neg'}`),
  ].join('\n');

async function savedText(name: string): Promise<string> {
  return (await saved.get(name)?.text()) ?? '';
}

beforeEach(() => {
  saved.clear();
  vi.stubGlobal('requestAnimationFrame', (show: () => void) => setTimeout(show));
});

describe('rows of a file', () => {
  test('become a trace that is saved, and that says the same when it is loaded', async () => {
    const { ownData, settings } = pageWith();
    await ownData.open([new File([csv(150)], 'films.csv')]);
    expect(ownData.file?.understanding.fitted?.misfits).toEqual([]);
    ownData.start('everyExit');
    await ended(ownData);
    expect(ownData.result?.trace).toMatchObject({ rows: 150, isLabelled: true, modelHash: manifest.hash });
    ownData.saveTrace();
    ownData.saveResults();
    const results = (await savedText('films-results.tsv')).trim().split('\n');
    expect(results[1]).toMatch(
      /^2\t"film, number 0"\tnegative\t(negative|positive)\t\d+\t(mobile|edge|cloud)\t[\d.]+\t5\t5\t0$/,
    );
    const trace = ownData.result?.trace;
    expect(trace?.poolDistances?.subarray(0, 6)).toEqual(Float32Array.of(1, 2, 3, 1, 2, 3));
    expect(trace?.dynamicsDistances).toHaveLength(3 * 150);

    ownData.closeResult();
    await ownData.open([new File([saved.get('films.dmtr') ?? ''], 'films.dmtr')]);
    expect(ownData).toMatchObject({ problem: undefined, warning: undefined });
    expect(settings.fields.view).toBe('data');
    ownData.compare();
    expect(ownData.result).toMatchObject({ trace, name: 'films.dmtr' });
    expect(settings.fields).toMatchObject({ view: 'compare', source: 'file' });
    ownData.saveResults();
    const outcomes = (lines: readonly string[], from: number) =>
      lines.map((line) => line.split('\t').slice(from, from + 5));
    const loaded = (await savedText('films-results.tsv')).trim().split('\n');
    expect(outcomes(loaded, 1)).toEqual(outcomes(results, 2));
  });

  test('that are run until they leave give what their whole trace gives', async () => {
    const { ownData } = pageWith();
    const outcomes: string[] = [];
    for (const depth of ['everyExit', 'ownExit'] as const) {
      await ownData.open([new File([csv(80)], 'films.csv')]);
      ownData.start(depth);
      await ended(ownData);
      ownData.saveResults();
      outcomes.push(await savedText('films-results.tsv'));
    }
    expect(outcomes[1]).toBe(outcomes[0]);
    expect(ownData.answers.exitSummary?.summary.rows).toBe(80);
    expect(ownData.answers.exitSummary?.accuracy).toBeGreaterThan(0);
  });

  test('are shown as they come, and say how many there will be', async () => {
    const { ownData } = pageWith();
    await ownData.open([new File([csv(1000)], 'films.csv')]);
    ownData.start('everyExit');
    await vi.waitUntil(() => ownData.shownSoFar > 0, { timeout: 20_000, interval: 5 });
    expect(ownData.answers.view).toMatchObject({ rows: ownData.shownSoFar, of: 1000 });
    expect([ownData.result, ownData.shownSoFar < 1000]).toEqual([undefined, true]);
    ownData.run.cancel();
    expect([ownData.shownSoFar, ownData.answers.view?.of]).toEqual([0, 1000]);
  });

  test('are kept as far as they are done when the run is cancelled or the device changes', async () => {
    const { ownData } = pageWith();
    await ownData.open([new File([csv(2000)], 'films.csv')]);
    ownData.start('everyExit');
    await vi.waitUntil(() => (ownData.run.job?.collector.count ?? 0) > 70, { timeout: 20_000 });
    await ownData.open([new File(['x'], 'other.csv')]);
    expect(ownData.problem).toContain('Rows of another file are being run');
    ownData.deviceChanged();
    expect(ownData.result?.trace?.rows).toBeGreaterThan(70);
    expect(ownData.result?.trace?.rows).toBeLessThan(2000);
    expect(ownData.warning).toContain('What was done before is kept');
  });
});

describe('after a reload', () => {
  /** What two results have in common, whatever rows were not run. */
  const answersIn = ({ result }: OwnData) => ({ ...result, trace: { ...result?.trace }, exits: { ...result?.exits } });

  test('rows that were run are here again, until they are put away', async () => {
    const store = new MemoryStore();
    const { ownData } = pageWith(store);
    await ownData.open([new File([csv(70)], 'films.csv')]);
    ownData.start('everyExit');
    expect(ownData.wouldBeLost).toBe(true);
    await ended(ownData);
    expect(ownData.wouldBeLost).toBe(false);
    await vi.waitUntil(() => store.kept.has('run result'));
    expect([...store.kept.keys()]).toEqual(['run result']);

    const { ownData: again } = pageWith(store);
    expect([again.isRestoring, again.hasRowsOf('sst2')]).toEqual([true, false]);
    await again.restore();
    expect([again.isRestoring, again.hasRowsOf('sst2')]).toEqual([false, true]);
    expect(answersIn(again)).toEqual(answersIn(ownData));
    again.closeResult();
    await vi.waitUntil(() => store.kept.size === 0);
    const { ownData: empty } = pageWith(store);
    await empty.restore();
    expect([empty.result, empty.hasRowsOf('sst2')]).toEqual([undefined, false]);
  });

  test.each(['everyExit', 'ownExit'] as const)('%s: a run that was cut goes on from there', async (depth) => {
    const store = new MemoryStore();
    const { ownData: whole } = pageWith();
    await whole.open([new File([csv(200)], 'films.csv')]);
    whole.start(depth);
    await ended(whole);

    const { ownData: cut } = pageWith(store);
    await cut.open([new File([csv(200)], 'films.csv')]);
    cut.start(depth);
    await vi.waitUntil(() => store.kept.has('run part 000000001'), { timeout: 20_000 });
    // What is kept from here on is another page's.
    const left = new MemoryStore();
    for (const [key, value] of store.kept) left.kept.set(key, value);

    const { ownData } = pageWith(left);
    await ownData.restore();
    expect(ownData.run.state).toBe('paused');
    const { done, total } = ownData.run.progress ?? { done: 0, total: 0 };
    expect([done >= 64, done < 200, total]).toEqual([true, true, 200]);
    ownData.run.resume();
    await ended(ownData);
    expect(answersIn(ownData)).toEqual(answersIn(whole));
    cut.run.cancel();
  });

  test('a run that was cut does not go on with other weights', async () => {
    const store = new MemoryStore();
    const { ownData: cut } = pageWith(store);
    await cut.open([new File([csv(200)], 'films.csv')]);
    cut.start('everyExit');
    await vi.waitUntil(() => store.kept.has('run part 000000001'), { timeout: 20_000 });
    const left = new MemoryStore();
    for (const [key, value] of store.kept) left.kept.set(key, value);
    const { ownData, settings } = pageWith(left);
    settings.set({ variant: 'fp16' });
    await ownData.restore();
    expect(ownData.run.state).toBe('idle');
    expect(ownData.warning).toContain('the backend or the weights were changed');
    expect(ownData.result?.trace?.rows).toBeGreaterThanOrEqual(64);
    cut.run.cancel();
  });

  test('nothing is here of another model', async () => {
    const store = new MemoryStore();
    const { ownData } = pageWith(store);
    await ownData.open([new File([csv(3)], 'films.csv')]);
    ownData.start('everyExit');
    await ended(ownData);
    await vi.waitUntil(() => store.kept.has('run result'));
    store.kept.set('run result', { ...(store.kept.get('run result') as object), modelHash: 'another' });
    const { ownData: again } = pageWith(store);
    await again.restore();
    expect(again.result).toBeUndefined();
  });

  test('what the browser has no room for is lost, which is said before', async () => {
    const store = new MemoryStore();
    store.isFull = true;
    const { ownData } = pageWith(store);
    await ownData.open([new File([csv(3)], 'films.csv')]);
    ownData.start('everyExit');
    await ended(ownData);
    await vi.waitUntil(() => ownData.keepProblem !== undefined);
    expect([ownData.keepProblem, ownData.wouldBeLost]).toEqual(['The quota has been exceeded.', true]);
    ownData.closeResult();
    expect(ownData.wouldBeLost).toBe(false);
  });
});

describe('labels in another order', () => {
  const texts = Array.from({ length: 60 }, (_, row) => `film number ${row}`);

  /** Runs the sentences with these labels; the answers are those of the fake network, whatever they are. */
  async function run(depth: 'everyExit' | 'ownExit', labelOf: (row: number) => string) {
    const page = pageWith();
    const lines = texts.map((text, row) => `${text}\t${labelOf(row)}`);
    await page.ownData.open([new File([['text\tlabel', ...lines].join('\n')], 'films.tsv')]);
    page.ownData.start(depth);
    await ended(page.ownData);
    return page;
  }

  async function answers(depth: 'everyExit' | 'ownExit'): Promise<Uint8Array> {
    const { ownData } = await run(depth, () => '-1');
    if (!ownData.result) throw new Error('It has ended.');
    return answersOf(ownData.result);
  }

  test.each(['everyExit', 'ownExit'] as const)('%s: are found, and taken without another run', async (depth) => {
    const found = await answers(depth);
    expect(new Set(found).size).toBe(2);
    const { ownData } = await run(depth, (row) => String(1 - (found[row] ?? 0)));
    expect(ownData.otherOrder).toMatchObject({ classes: [1, 0], right: 0, rightThen: 60 });
    ownData.takeOtherOrder();
    expect(ownData.otherOrder).toBeUndefined();
    expect(ownData.result?.rows?.gold).toEqual(found);
    expect([...(ownData.result?.rows?.words ?? [])].sort()).toEqual([
      ['0', 1],
      ['1', 0],
    ]);
    if (depth === 'ownExit') expect(ownData.answers.exitSummary?.accuracy).toBe(1);
    else expect(ownData.answers.calibrated?.trace.gold).toEqual(found);
    ownData.saveResults();
    const { ownData: again } = pageWith();
    await again.open([new File([await savedText('films-results.tsv')], 'films-results.tsv')]);
    expect(again.file?.understanding.fitted?.rows).toMatchObject({ texts: texts.map((text) => [text]), gold: found });
  });

  test('are not suspected where they are right', async () => {
    const found = await answers('everyExit');
    const { ownData } = await run('everyExit', (row) => String(found[row]));
    expect(ownData.otherOrder).toBeUndefined();
  });
});

describe('lines that are put between sentences', () => {
  const pasted = 'Bread and song\tpositive\nA grey hour\tnegative';

  test('open the dialog where they carry labels, and are taken as sentences where that is meant', async () => {
    const { ownData, settings } = pageWith();
    const put = vi.fn(() => settings.set({ text: `Before.\n${pasted}` }));
    expect(await ownData.openPasted('Bread and song\nA grey hour', put)).toBe(false);
    expect(await ownData.openPasted(pasted, put)).toBe(true);
    await vi.waitUntil(() => ownData.file !== undefined);
    expect(ownData.file?.understanding.fitted?.rows.texts).toEqual([['Bread and song'], ['A grey hour']]);
    expect(put).not.toHaveBeenCalled();
    ownData.file?.asSentences?.();
    expect([put.mock.calls.length, ownData.file]).toEqual([1, undefined]);
    expect(await ownData.openPasted(settings.fields.text, put)).toBe(false);
  });
});

describe('a file that cannot be opened', () => {
  test.each([
    ['films.dmtr', 'DMTR and then nothing', 'This file is not a trace that can be read'],
    ['films.csv', '', '“films.csv” is empty'],
    ['films.json', '{"a": 1, "b": {}}', 'without a list of rows'],
  ])('%s says why', async (name, content, problem) => {
    const { ownData } = pageWith();
    await ownData.open([new File([content], name)]);
    expect(ownData.problem).toContain(problem);
    expect(ownData.file).toBeUndefined();
    expect(ownData.reading).toBeUndefined();
  });

  test('two at once are one too many', async () => {
    const { ownData } = pageWith();
    await ownData.open([new File(['a'], 'a.csv'), new File(['b'], 'b.csv')]);
    expect(ownData.problem).toBe('Open one file at a time.');
  });

  test('one that is put away while it is read is not opened', async () => {
    const { ownData } = pageWith();
    const opening = ownData.open([new File([csv(10)], 'a.csv')]);
    ownData.closeFile();
    await opening;
    expect(ownData.file).toBeUndefined();
  });
});
