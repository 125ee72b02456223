import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { calibrateTrace } from '../trace/calibrated-trace';
import { countDisagreements } from '../trace/disagreements';
import { policyById } from '.';
import { CANDIDATES, type Disagreements } from './disagreements';

const logit = (p: number) => Math.log(p / (1 - p));

/** One exit before the last: its confidence in class 1, whether that is right, and whether the last exit is. */
type Row = readonly [confidence: number, right: boolean, lastRight: boolean];

function counted(rows: readonly Row[]): Disagreements {
  const says = (label: number, by: number) => (label === 1 ? [0, by] : [by, 0]);
  const logits = rows.flatMap(([p, right, last]) => [...says(Number(right), logit(p)), ...says(Number(last), 9)]);
  return countDisagreements(
    calibrateTrace(
      {
        ...{ task: 'sst2', split: 'calibration', model: 'fake', rows: rows.length, layers: 2, classes: 2 },
        isLabelled: true,
        logits: Float32Array.from(logits),
        gold: new Uint8Array(rows.length).fill(1),
        tokens: new Uint16Array(rows.length),
      },
      [1, 1],
    ),
  );
}

const thresholdFor = (disagreements: Disagreements, risk: number) =>
  policyById('fast-yet-safe').threshold(
    { layer: toLayer(1), tier: 'mobile', tierLastLayer: toLayer(2), lastLayer: toLayer(2) },
    { risk },
    { disagreements },
  );
const rowsOf = (count: number, ...row: Row) => Array.from({ length: count }, () => row);

describe('fast yet safe', () => {
  // 99 rows: three lose a right answer of the last exit, one gains what the last exit has wrong.
  const rows = [
    ...rowsOf(60, 0.99, true, true),
    ...rowsOf(1, 0.97, true, false),
    ...rowsOf(1, 0.95, false, true),
    ...rowsOf(1, 0.85, false, true),
    ...rowsOf(1, 0.75, false, true),
    ...rowsOf(35, 0.7, false, false),
  ];
  const found = counted(rows);

  test('counts what is lost to the last exit, and neither what is gained nor what both have wrong', () => {
    expect([found.rows, found.losses[0], found.losses.at(-1)]).toEqual([99, 0, 3]);
    expect(found.counts.at(-1)).toBe(4);
  });

  test('takes the cheapest threshold with (k + 1) / (n + 1) ≤ ε, by hand', () => {
    // Of 99 rows ε = 0.02 leaves one to be lost, 0.03 two and 0.01 none.
    const between = (risk: number, below: number) => {
      const threshold = thresholdFor(found, risk);
      expect(threshold).toBeGreaterThan(below);
      expect(logit(threshold)).toBeLessThan(logit(below) + 1 / 20);
    };
    between(0.01, 0.95);
    between(0.02, 0.85);
    between(0.03, 0.75);
    expect(thresholdFor(found, 0.04)).toBe(CANDIDATES.at(-1));
    expect(thresholdFor(found, 0.009)).toBe(Infinity);
  });

  /** The paper's rule, line by line: λ from the strictest down, for as long as n/(n + 1) · R(λ) + 1/(n + 1) ≤ ε. */
  function calibrated(risk: number): number {
    let chosen = Number.POSITIVE_INFINITY;
    for (const candidate of CANDIDATES) {
      const lost = rows.filter(([p, right, last]) => p >= candidate && !right && last).length;
      if ((rows.length / (rows.length + 1)) * (lost / rows.length) + 1 / (rows.length + 1) > risk + 1e-12) break;
      chosen = candidate;
    }
    return chosen;
  }

  test.each([0.005, 0.01, 0.015, 0.02, 0.03, 0.05])('chooses as the paper’s loop does at ε = %d', (risk) => {
    expect(thresholdFor(found, risk)).toBe(calibrated(risk));
  });
});
