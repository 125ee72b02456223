import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import type { Exit } from '../exits';
import { exitsWith } from '../testing/exits';
import { ExitRecorder, summariseExits } from './exit-record';
import { resultsTsv } from './result-tsv';

const [unsure, sure] = exitsWith([0.6, 0.4], [0.1, 0.9]) as [Exit, Exit];

function recorded() {
  const recorder = new ExitRecorder(4);
  recorder.add(3, { exit: sure, tier: 'edge', cost: 8.1 });
  recorder.add(0, { exit: unsure, tier: 'mobile', cost: 0.1 + 0.2 });
  recorder.add(0, { exit: sure, tier: 'cloud', cost: 99 });
  return recorder;
}

describe('exits that are recorded', () => {
  test('stand in the order of their rows, as they first came', () => {
    expect(recorded().count).toBe(2);
    expect(recorded().rows()).toEqual(Uint32Array.of(0, 3));
    expect(recorded().columns()).toEqual({
      exitLayers: Uint8Array.of(1, 2),
      labels: Uint8Array.of(0, 1),
      tiers: Uint8Array.of(0, 1),
      costs: Float64Array.of(0.1 + 0.2, 8.1),
    });
  });

  test('are summed up, with accuracy where there are labels', () => {
    const columns = recorded().columns();
    const { summary, accuracy } = summariseExits(columns, Uint8Array.of(1, 1), 12, DEFAULT_COSTS);
    expect(summary).toMatchObject({ rows: 2, meanLayers: 1.5, exitsByTier: { mobile: 1, edge: 1, cloud: 0 } });
    expect(accuracy).toBe(0.5);
    expect(summariseExits(columns, undefined, 12, DEFAULT_COSTS).accuracy).toBeUndefined();
  });
});

describe('results as TSV', () => {
  const labels = ['negative', 'positive'];

  test('name the line, the texts, the label and where each row left', () => {
    const source = { texts: [['bad'], ['good']] as const, lines: Uint32Array.of(2, 5), gold: Uint8Array.of(0, 0) };
    expect(resultsTsv(recorded().columns(), { labels, source })).toEqual([
      'row\tsentence\tlabel\tprediction\texit_layer\ttier\tcost\n',
      '2\tbad\tnegative\tnegative\t1\tmobile\t0.3\n',
      '5\tgood\tnegative\tpositive\t2\tedge\t8.1\n',
    ]);
  });

  test('say how much of each row was read, and name those that are no sentences', () => {
    const source = { texts: [['bad'], ['good']] as const, lines: Uint32Array.of(2, 5), gold: Uint8Array.of(0, 0) };
    const noSentences = { texts: [['\u200b']] as const, lines: Uint32Array.of(3), gold: Uint8Array.of(1) };
    const readings = {
      tokens: Uint32Array.of(0, 412),
      read: Uint32Array.of(0, 128),
      unknown: Uint32Array.of(0, 7),
    };
    expect(resultsTsv(recorded().columns(), { labels, source, readings, noSentences })).toEqual([
      'row\tsentence\tlabel\tprediction\texit_layer\ttier\tcost\ttokens\ttokens_read\ttokens_unknown\n',
      '2\tbad\tnegative\tnegative\t1\tmobile\t0.3\t\t\t\n',
      '5\tgood\tnegative\tpositive\t2\tedge\t8.1\t412\t128\t7\n',
      '3\t\u200b\tpositive\t(no known token)\n',
    ]);
  });

  test('of pairs without labels', () => {
    const texts = [['a', 'b'] as const, ['c', 'd'] as const];
    const source = { texts, lines: Uint32Array.of(1, 2), gold: undefined };
    const lines = resultsTsv(recorded().columns(), { labels, source });
    expect(lines.slice(0, 2)).toEqual([
      'row\tsentence1\tsentence2\tprediction\texit_layer\ttier\tcost\n',
      '1\ta\tb\tnegative\t1\tmobile\t0.3\n',
    ]);
  });

  test('of a loaded trace, which keeps no texts', () => {
    expect(resultsTsv(recorded().columns(), { labels, gold: Uint8Array.of(1, 1) })[2]).toBe(
      '2\tpositive\tpositive\t2\tedge\t8.1\n',
    );
  });
});
