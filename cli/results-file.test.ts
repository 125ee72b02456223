import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import { taskOf } from '../core/model/manifest';
import { readTable } from '../core/own-data/layout';
import { NOTHING_SAID, understand } from '../core/own-data/understanding';
import { fakeManifest } from '../core/testing/fake-manifest';
import type { EvaluatedSample } from './evaluation';
import { checkApart, OutputFile } from './output-files';
import { ResultsFile, type RunSettings } from './results-file';
import type { Sentences } from './readings';

const folder = mkdtempSync(join(tmpdir(), 'dimee-results-'));
afterAll(() => rm(folder, { recursive: true }));
const task = taskOf(fakeManifest(), 'sst2');
const settings: RunSettings = {
  ...{
    task: 'sst2',
    model: { id: 'fake', hash: 'f', variant: 'q8' },
    policy: { id: 'confidence' },
    plan: {},
    payload: 'int8',
  },
  edge: false,
};
const read = { texts: [], tokens: 6, read: 6, unknown: 1, isCut: false, isMuchUnknown: false };
const samples: Sentences = {
  texts: [['=1+1'], ['A "quoted", grey hour'], ["'-' is no label"]],
  lines: [2, 3, 5],
  gold: [1, 0, 0],
  words: undefined,
  indices: [0, 1, 2],
  readings: [read, read, read],
  read: { name: 'rows.tsv', understood: [], warnings: [], leftOut: [] },
};
const answer: EvaluatedSample = {
  exit: { layer: toLayer(3), label: 1, confidence: 0.987654321 },
  ...{ tier: 'edge', cost: 0.1 + 0.2, lastExit: { label: 0 }, bytesUp: 120, bytesDown: 60, latencyMs: 12.3456 },
};

const path = (name: string) => join(folder, name);
const open = (name: string) => OutputFile.open('--results', path(name));

function written(name: string): ResultsFile {
  const results = ResultsFile.begin(open(name), samples, task, settings);
  results.write(0, answer);
  results.write(2, { ...answer, tier: 'mobile', bytesUp: 0 });
  return results;
}

describe('a results file', () => {
  test('has a row for each answer as it comes, which opens as a table of the same texts and labels', async () => {
    written('a.tsv');
    const text = readFileSync(path('a.tsv'), 'utf8');
    const { fitted } = understand(await readTable(text, task, {}, () => Promise.resolve()), task, NOTHING_SAID);
    expect(fitted?.rows).toMatchObject({ texts: [['=1+1'], ["'-' is no label"]], gold: Uint8Array.of(1, 0) });
    expect(text.split('\n')[1]).toBe(
      "2\t'=1+1\tpositive\tpositive\t3\tedge\t0.3\t6\t6\t1\tnegative\t0.987654321\t120\t60\t12.346",
    );
  });

  test('is gone on with: its answers are known, and a line that was cut is run again', async () => {
    written('b.tsv');
    const whole = readFileSync(path('b.tsv'), 'utf8');
    writeFileSync(path('b.tsv'), `${whole}3\t"A ""quo`);
    const { known, results } = await ResultsFile.resume(open('b.tsv'), samples, task, settings);
    expect([...known]).toEqual([
      [0, { ...answer, cost: 0.3, latencyMs: 12.346 }],
      [2, { ...answer, cost: 0.3, latencyMs: 12.346, tier: 'mobile', bytesUp: 0 }],
    ]);
    expect(readFileSync(path('b.tsv'), 'utf8')).toBe(whole);
    results.write(1, answer);
    const again = await ResultsFile.resume(open('b.tsv'), samples, task, settings);
    expect([...again.known.keys()].sort()).toEqual([0, 1, 2]);
  });

  test.each<[string, Partial<RunSettings>, RegExp]>([
    ['policy', { policy: { id: 'patience' } }, /is of another policy \(.*confidence.*\) than this run \(.*patience/],
    ['model', { model: { id: 'fake', hash: 'e', variant: 'q8' } }, /another model/],
    ['task', { task: 'cola' }, /another task/],
    ['payload', { payload: 'int4' }, /another payload/],
  ])('of another %s is refused', async (_, change, problem) => {
    written('c.tsv');
    await expect(ResultsFile.resume(open('c.tsv'), samples, task, { ...settings, ...change })).rejects.toThrow(problem);
  });

  test('of other rows is refused', async () => {
    written('d.tsv');
    const others = { ...samples, texts: [['=1+2'], ...samples.texts.slice(1)] as Sentences['texts'] };
    await expect(ResultsFile.resume(open('d.tsv'), others, task, settings)).rejects.toThrow(
      'has another text in row 2',
    );
    const unlabelled = { ...samples, gold: undefined };
    await expect(ResultsFile.resume(open('d.tsv'), unlabelled, task, settings)).rejects.toThrow('has other columns');
  });

  test('without its settings beside it is refused', async () => {
    writeFileSync(path('e.tsv'), 'row\n');
    await expect(ResultsFile.resume(open('e.tsv'), samples, task, settings)).rejects.toThrow(
      'e.tsv.run.json is missing',
    );
  });
});

describe('a file to write', () => {
  test.each([
    ['in a folder that is not there', join('nowhere', 'a.tsv'), 'there is no folder'],
    ['that is a folder', '.', 'it is a folder'],
    ['below a file', join('f.tsv', 'a.tsv'), 'there is no folder'],
  ])('%s is refused', (_, name, problem) => {
    writeFileSync(path('f.tsv'), '');
    expect(() => open(name)).toThrow(problem);
  });

  test('keeps what is in it until it is cleared', () => {
    writeFileSync(path('g.tsv'), 'before\n');
    const output = open('g.tsv');
    expect([output.isEmpty, readFileSync(path('g.tsv'), 'utf8')]).toEqual([false, 'before\n']);
    output.clear();
    output.write('after\n');
    expect(readFileSync(path('g.tsv'), 'utf8')).toBe('after\n');
  });

  test('must not be one that is read, or another that is written', () => {
    expect(() => checkApart({ '--file': 'a.tsv', '--results': './a.tsv' })).toThrow('--file is the same file');
    expect(() => checkApart({ '--file': 'a.tsv', '--results': undefined, '--predictions': 'b.jsonl' })).not.toThrow();
  });
});
