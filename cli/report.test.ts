import { describe, expect, test } from 'vitest';
import { exitAt } from '../core/exits';
import { fakeManifest } from '../core/testing/fake-manifest';
import { readEvaluateOptions } from './evaluate-options';
import type { Outcome } from './evaluation';
import { measuredOf, reportOf, tableOf } from './report';

const manifest = fakeManifest();
const options = readEvaluateOptions(['--task', 'sst2', '--file', 'dev.tsv']);

function outcome(layer: number, label: number, lastLabel: number, latencyMs: number): Outcome {
  const logitsOf = (index: number) => (index === 1 ? [0, 2] : [2, 0]);
  const tier = layer <= 4 ? 'mobile' : layer <= 8 ? 'edge' : 'cloud';
  const bytes = tier === 'mobile' ? 0 : 100;
  return {
    exit: exitAt(layer, logitsOf(label), 1),
    lastExit: exitAt(12, logitsOf(lastLabel), 1),
    cost: layer + { mobile: 0, edge: 2, cloud: 5 }[tier],
    ...{ tier, bytesUp: bytes, bytesDown: bytes / 2, latencyMs },
  };
}

const outcomes = [outcome(2, 1, 1, 4), outcome(4, 0, 1, 1), outcome(6, 0, 0, 2), outcome(12, 1, 1, 30)];
const gold = [1, 1, 0, 0];
const run = { answers: outcomes, gold, further: measuredOf(outcomes, options) };

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
      p50Ms: 2,
      p95Ms: 30,
      edgeUrl: null,
    });
  });

  test('has GLUE’s own measures for the tasks that have them', () => {
    const of = (task: string) => reportOf(run, { ...options, task }, manifest);
    expect(of('sst2')).not.toHaveProperty('f1');
    expect(of('cola')).toMatchObject({ matthews: 0 });
    expect(of('mrpc')).toMatchObject({ f1: 0.5 });
  });

  test('is silent about rightness without labels', () => {
    const report = reportOf({ ...run, gold: undefined }, options, manifest);
    expect(report).toMatchObject({
      accuracy: null,
      accuracyAtLastExit: null,
      lossPoints: null,
      agreementWithLastExit: 0.75,
    });
    expect(tableOf(report)).not.toMatch(/Accuracy|Loss/);
  });

  test('is a table for people', () => {
    const table = tableOf(reportOf(run, options, manifest));
    expect(table).toContain('Accuracy                      50.00 %');
    expect(table).toContain('Exits by tier                 mobile 2 (50.00 %), edge 1 (25.00 %), cloud 1 (25.00 %)');
    expect(table).toContain('Loss to the last exit         25.00 points');
    expect(table).toMatch(/Edge +in process, hidden states as int8\nBytes +200 up, 100 down\nLatency +p50 2\.0 ms/);
  });

  test('has bytes and latency of samples that went through the tiers alone', () => {
    const report = reportOf({ answers: outcomes, gold }, options, manifest);
    expect(report).not.toHaveProperty('bytesUp');
    expect(tableOf(report)).not.toMatch(/Edge |Bytes|Latency|Regret/);
  });
});
