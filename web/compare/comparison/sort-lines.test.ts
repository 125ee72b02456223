import { describe, expect, test } from 'vitest';
import type { TaskRow } from '../../../core/lab/trial-result';
import type { PolicyLine } from './PolicyTable.svelte';
import { type Column, type Direction, sortLines } from './sort-lines';

function line(policy: string, numbers: { accuracy: number; cloud: number } | undefined, parameters = {}): PolicyLine {
  const result = numbers && {
    ...{ accuracy: numbers.accuracy, lossPoints: 1 - numbers.accuracy, lossInterval: [0, 0] as const },
    ...{ costCutPercent: 50, costCutInterval: [0, 0] as const, layersSaved: 3 },
    ...{ gainPoints: numbers.accuracy, gainInterval: [0, 0] as const },
    shares: { mobile: 1 - numbers.cloud, edge: 0, cloud: numbers.cloud },
  };
  const row: TaskRow = {
    ...{ task: 'sst2', policy, rows: 5, result: result ?? null, parameters, isAimReached: null, missing: null },
    expectedLossPoints: null,
  };
  return { row, measured: { row, replicates: undefined }, isCurrent: true };
}

const lines = [
  line('patience', { accuracy: 0.8, cloud: 0.5 }, { patience: 10 }),
  line('quota', undefined),
  line('margin', { accuracy: 0.9, cloud: 0.1 }),
  line('fixed-exit', { accuracy: 0.8, cloud: 0 }, { patience: 9 }),
];

function order(column: Column, direction: Direction): string[] {
  return sortLines(lines, { column, direction }).map(({ row }) => row.policy);
}

describe('the table’s lines', () => {
  test('stand in the page’s order until somebody sorts them', () => {
    expect(sortLines(lines, undefined)).toEqual(lines);
  });

  test('are sorted by number, equals as they were', () => {
    expect(order('accuracy', 'descending')).toEqual(['margin', 'patience', 'fixed-exit', 'quota']);
    expect(order('accuracy', 'ascending')).toEqual(['patience', 'fixed-exit', 'margin', 'quota']);
    expect(order('costCut', 'ascending')).toEqual(['patience', 'margin', 'fixed-exit', 'quota']);
  });

  test('are sorted by name, and by how far rows travel', () => {
    expect(order('policy', 'ascending')).toEqual(['fixed-exit', 'margin', 'patience', 'quota']);
    expect(order('shares', 'ascending')).toEqual(['fixed-exit', 'margin', 'patience', 'quota']);
  });

  test('without a result come last in both directions', () => {
    for (const column of ['accuracy', 'loss', 'costCut', 'gain', 'layersSaved', 'shares', 'parameters'] as const) {
      expect(order(column, 'ascending').at(-1)).toBe('quota');
      expect(order(column, 'descending').at(-1)).toBe('quota');
    }
  });
});
