import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { NOT_CLIMBED, type Outcome } from '../../core/ladder/outcome';
import { toLayer } from '../../core/layers';
import type { ResultRow, RowSource } from '../results/row-source';
import { csvOfRows } from './results-table';

const outcome: Outcome = {
  exit: { layer: toLayer(3), label: 1, confidence: 0.9, logits: [], probabilities: [] },
  ...{ firstAnswer: undefined, tier: 'mobile', stretches: [], cost: 3, latencyMs: 4.5, bytesUp: 0, bytesDown: 0 },
  costParts: { mobile: 3, edge: 0, cloud: 0, offloading: 0 },
};

const ROWS: readonly ResultRow[] = [
  { texts: ['=cmd|a, "b"'], climbed: NOT_CLIMBED, outcome, gold: 0 },
  { texts: ['Not yet.'], climbed: NOT_CLIMBED, outcome: undefined, gold: 1 },
  {
    ...{ texts: ['Sent.'], climbed: NOT_CLIMBED, outcome: { ...outcome, latencyMs: Number.NaN, bytesUp: Number.NaN } },
    sent: { answer: { way: [], label: 1, confidence: 0.9 }, under: '' },
  },
];

const source = {
  ...{ kind: 'sentences', name: 'Mine', labels: ['bad', 'good'], count: ROWS.length, hasTexts: true, hasGold: true },
  ...{
    times: 'measured',
    hasAllExits: true,
    rowAt: (index: number) => ROWS[index],
    numberOf: (index: number) => index + 1,
  },
} as unknown as RowSource;

const read = (csv: string) => Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data;

it('the results as CSV have a line for each row, with its label, answer and cost', async () => {
  const [first, second, third] = read(await csvOfRows(source));
  expect(first).toEqual({
    ...{ row: '1', sentence: `'=cmd|a, "b"`, label: 'bad', prediction: 'good', exit_layer: '3', tier: 'mobile' },
    ...{ cost: '3', confidence: '0.9', latency_ms: '4.5', times: 'measured', bytes_up: '0', note: '' },
  });
  expect(second).toMatchObject({ sentence: 'Not yet.', label: 'good', prediction: '', exit_layer: '', latency_ms: '' });
  expect(third).toMatchObject({ prediction: 'good', latency_ms: '', bytes_up: '', note: 'sent with the link' });
});

it('rows that ship without texts have no column of them', async () => {
  const csv = await csvOfRows({
    ...source,
    hasTexts: false,
    hasGold: false,
    rowAt: source.rowAt,
    numberOf: source.numberOf,
  });
  expect(csv.split('\n', 1)).toEqual(['row,prediction,exit_layer,tier,cost,confidence,latency_ms,times,bytes_up,note']);
});
