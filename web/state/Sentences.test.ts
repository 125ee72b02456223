import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseManifest } from '../../core/model/manifest';
import { PolicyFiles } from '../../core/trace/policy-files';
import { readingOf } from '../../core/model/reading';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeWorker } from '../testing/fake-worker';
import { Fitting } from './Fitting.svelte';
import { Sentences } from './Sentences.svelte';
import { Settings } from './Settings.svelte';
import { WorkerTier } from './WorkerTier.svelte';

function page(text: string) {
  const manifest = parseManifest(fakeManifest());
  const settings = new Settings(manifest);
  const task = Object.entries(manifest.tasks).find(([, { pair, labels }]) => !pair && labels.length === 2)?.[0] ?? '';
  settings.setTask(task);
  settings.set({ text });
  const fitting = new Fitting(
    settings,
    new PolicyFiles(manifest, () => Promise.reject(new Error('There is no file.'))),
  );
  const worker = new FakeWorker();
  return { settings, sentences: new Sentences(settings, fitting, new WorkerTier({ start: () => worker })), worker };
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `Sentence ${index}.`).join('\n');

describe('sentences', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => setTimeout(frame, 16));
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('go to the worker a few hundred at a time, until all are decided', () => {
    const { sentences, worker } = page(lines(600));
    sentences.run();
    for (const size of [256, 256, 88]) {
      expect(worker.runs.at(-1)?.samples).toHaveLength(size);
      worker.answer(9);
      worker.finish();
    }
    vi.runAllTimers();
    expect(worker.runs).toHaveLength(3);
    expect(sentences.isRunning).toBe(false);
    expect(sentences.totals).toMatchObject({ decided: 600, failed: 0, layerRuns: 600 });
    expect(sentences.rowAt(599)?.outcome?.exit.layer).toBe(1);
  });

  it('are remembered when they come again, unless thousands came in between', () => {
    const { sentences, settings, worker } = page('The first.');
    const runAll = (text: string) => {
      settings.set({ text });
      sentences.run();
      while (sentences.isRunning) {
        worker.answer(9);
        worker.finish();
      }
      vi.runAllTimers();
    };
    const asked = () => worker.runs.flatMap(({ samples }) => samples.filter(({ texts }) => texts[0] === 'The first.'));
    runAll('The first.');
    runAll(lines(500));
    runAll('The first.');
    expect(asked()).toHaveLength(1);
    runAll(lines(2500));
    runAll('Another.');
    runAll('The first.');
    expect(asked()).toHaveLength(2);
  });

  it('run once however often they are written, and are counted on every line', () => {
    const { sentences, worker } = page('The same.\nAnother.\nThe same.');
    sentences.run();
    expect(worker.runs.at(-1)?.samples.map(({ texts }) => texts)).toEqual([['The same.'], ['Another.']]);
    worker.answer(9);
    worker.finish();
    vi.runAllTimers();
    expect(sentences.count).toBe(3);
    expect(sentences.totals).toMatchObject({ decided: 3, layerRuns: 2 });
  });

  it('climb on from where they stopped when a threshold is raised, and only those that must', () => {
    const { settings, sentences, worker } = page(lines(2));
    settings.setParameters({ mobileThreshold: 0.7, edgeThreshold: 0.7, cloudThreshold: 0.7 });
    sentences.run();
    const [unsure, sure] = worker.runs.at(-1)?.samples ?? [];
    if (unsure) worker.answer(1, [unsure]);
    if (sure) worker.answer(9, [sure]);
    worker.finish();
    settings.setParameters({ mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 0.9 });
    sentences.followSettings();
    expect(worker.runs).toHaveLength(1);
    vi.runAllTimers();
    expect(worker.runs.at(-1)?.samples).toEqual([{ ...unsure, priorLogits: [[1, 0]] }]);
  });

  it('are run where other lines are none, which say so in their rows and count nowhere', () => {
    const { sentences, worker } = page(`Good.\n${'long '.repeat(2001)}\nBad.\n${'word '.repeat(2001)}`);
    sentences.run();
    expect(sentences.inputProblem).toMatch(/^Line 2 is too long.* 1 more line is left out too\.$/);
    expect(worker.run.samples.map(({ texts }) => texts)).toEqual([['Good.'], ['Bad.']]);
    worker.answer(9);
    worker.finish();
    vi.runAllTimers();
    expect(worker.runs).toHaveLength(1);
    expect(sentences.totals).toMatchObject({ decided: 2, failed: 2 });
    expect(sentences.rowAt(1)).toMatchObject({ outcome: undefined, error: { code: 'BAD_INPUT' } });
    expect(sentences.rowAt(1)?.error?.message).toContain('Line 2 is too long');
  });

  it('are told from lines without a known token, and from those that are read in part', () => {
    const { sentences, worker } = page('Good.\n\u200b\nLong.\nBad.\nLong.');
    sentences.run();
    const [good, empty, long, bad] = worker.run.samples;
    worker.answer(
      9,
      [good, bad].flatMap((sample) => sample ?? []),
    );
    worker.answer(9, long && [long], readingOf([{ tokens: 410, read: 126, unknown: 80 }]));
    const error = { code: 'NO_KNOWN_TOKEN', message: 'No sentence.', retryable: false } as const;
    worker.tell({ type: 'failed', runId: worker.run.runId, sampleKey: empty?.sampleKey ?? '', error });
    worker.finish();
    vi.runAllTimers();
    expect(worker.runs).toHaveLength(1);
    const readings = { cut: 2, muchUnknown: 2, noSentence: 1 };
    expect(sentences.totals).toMatchObject({ decided: 4, failed: 0, readings });
    expect(sentences.totals.groups.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it('may be answered before it is known what was read of them, which is told then', () => {
    const { sentences, worker } = page('Long.');
    sentences.run();
    const [sample] = worker.run.samples;
    worker.answer(9);
    worker.finish();
    expect([worker.run.mayBeginAtEdge, sentences.totals.readings.cut]).toEqual([true, 0]);
    const reading = readingOf([{ tokens: 410, read: 126, unknown: 0 }]);
    sentences.readLate({ type: 'reading', sampleKey: sample?.sampleKey ?? '', reading });
    vi.runAllTimers();
    expect(sentences.totals).toMatchObject({ decided: 1, readings: { cut: 1 } });
    expect(sentences.rowAt(0)?.climbed.reading).toBe(reading);
  });

  it('wait for this device where they are many', () => {
    const { sentences, worker } = page('One.\nTwo.\nThree.\nFour.');
    sentences.run();
    expect(worker.run.mayBeginAtEdge).toBe(false);
  });

  it('are not run where no line is one, which is said', () => {
    const { sentences, worker, settings } = page('word '.repeat(30_000));
    sentences.run();
    expect([worker.runs, sentences.inputProblem]).toEqual([[], expect.stringContaining('1')]);
    settings.set({ text: lines(1) });
    sentences.run();
    expect([worker.runs.length, sentences.inputProblem]).toEqual([1, undefined]);
  });

  it('stop where the person says so, and go on at the next run', () => {
    const { sentences, worker } = page(lines(300));
    sentences.run();
    worker.answer(9, worker.runs.at(-1)?.samples.slice(0, 10));
    sentences.stop();
    worker.finish(true);
    vi.runAllTimers();
    expect(worker.runs).toHaveLength(1);
    expect([sentences.isRunning, sentences.isStopped, sentences.totals.decided]).toEqual([false, true, 10]);
    sentences.run();
    expect(worker.runs.at(-1)?.samples).toHaveLength(256);
    expect(worker.runs.at(-1)?.samples[0]?.texts).toEqual(['Sentence 10.']);
  });

  it('wait while another task is looked at, and are forgotten with the device', () => {
    const { settings, sentences, worker } = page(lines(3));
    const { task } = settings.fields;
    sentences.run();
    const other = Object.keys(settings.manifest.tasks).find((id) => id !== task) ?? '';
    settings.setTask(other);
    sentences.followSettings();
    worker.answer(9);
    worker.finish();
    vi.runAllTimers();
    expect([sentences.count, sentences.totals.decided]).toEqual([0, 0]);
    settings.setTask(task);
    sentences.followSettings();
    expect([sentences.count, sentences.totals.decided]).toEqual([3, 3]);
    sentences.forget();
    expect([sentences.count, sentences.totals.decided]).toEqual([0, 0]);
  });
});
