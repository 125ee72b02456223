import { describe, expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import { exitAt } from '../core/exits';
import { type Task, taskOf } from '../core/model/manifest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { optionsFor, readEvaluateOptions } from './evaluate-options';
import type { EvaluatedSample } from './evaluation';
import { measuredOf, reportOf, tableOf } from './report';

const manifest = fakeManifest();
const options = optionsFor(readEvaluateOptions(['--task', 'sst2', '--file', 'dev.tsv']), manifest);

function outcome(layer: number, label: number, lastLabel: number, latencyMs: number): EvaluatedSample {
  const logitsOf = (index: number) => (index === 1 ? [0, 2] : [2, 0]);
  const tier = layer <= 4 ? 'mobile' : layer <= 8 ? 'edge' : 'cloud';
  const bytes = tier === 'mobile' ? 0 : 100;
  return {
    exit: exitAt(toLayer(layer), logitsOf(label), 1),
    lastExit: exitAt(toLayer(12), logitsOf(lastLabel), 1),
    cost: layer + { mobile: 0, edge: 2, cloud: 5 }[tier],
    ...{ tier, bytesUp: bytes, bytesDown: bytes / 2, latencyMs },
  };
}

const outcomes = [outcome(2, 1, 1, 4), outcome(4, 0, 1, 1), outcome(6, 0, 0, 2), outcome(12, 1, 1, 30)];
const gold = [1, 1, 0, 0];
const run = { answers: outcomes, rows: [0, 1, 2, 3], gold, measured: measuredOf(outcomes, options) };

describe('the report', () => {
  test('sums up where samples left, what that cost and how right it was', () => {
    expect(reportOf(run, options, manifest)).toMatchObject({
      rows: 4,
      accuracy: 2 / 4,
      accuracyAtLastExit: 3 / 4,
      agreementWithLastExit: 3 / 4,
      lossPoints: 25,
      exitsByLayer: [0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1],
      exitsByTier: { mobile: 2, edge: 1, cloud: 1 },
      meanLayers: 6,
      // 2 + 4 + (6 + 2) + (12 + 5)
      meanCost: 31 / 4,
      bytesUp: 200,
      bytesDown: 100,
      p50Ms: 3,
      p95Ms: expect.closeTo(26.1, 9),
      edgeUrl: null,
    });
  });

  test('has the measure that the task is judged by', () => {
    const of = (metric: Task['metric']) => {
      const tasks = { ...manifest.tasks, sst2: { ...taskOf(manifest, 'sst2'), metric } };
      return reportOf(run, options, { ...manifest, tasks });
    };
    expect(of('accuracy')).not.toHaveProperty('f1');
    expect(of('matthews')).toMatchObject({ matthews: 0 });
    expect(of('f1')).toMatchObject({ f1: 0.5 });
  });

  test('is silent about rightness without labels', () => {
    const report = reportOf({ ...run, gold: undefined }, options, manifest);
    expect(report).toMatchObject({
      accuracy: null,
      accuracyAtLastExit: null,
      lossPoints: null,
      agreementWithLastExit: 0.75,
    });
    expect(tableOf(report, run)).not.toMatch(/Accuracy|Loss/);
  });

  test('is a table for people', () => {
    const table = tableOf(reportOf(run, options, manifest), run);
    expect(table).toContain('Accuracy                      50.00 %');
    expect(table).toContain('Exits by tier                 mobile 2 (50.00 %), edge 1 (25.00 %), cloud 1 (25.00 %)');
    expect(table).toContain('Loss to the last exit         25.00 points');
    expect(table).toMatch(/Edge +in process, hidden states as int8\nBytes +200 up, 100 down\nLatency +p50 3\.0 ms/);
  });

  test('has bytes and latency of samples that went through the tiers alone', () => {
    const report = reportOf({ answers: outcomes, gold }, options, manifest);
    expect(report).not.toHaveProperty('bytesUp');
    expect(tableOf(report, {})).not.toMatch(/Edge |Bytes|Latency|Regret/);
  });
});
