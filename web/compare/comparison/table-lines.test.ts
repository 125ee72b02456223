import { describe, expect, it } from 'vitest';
import { CONTENDERS } from '../../../core/lab/contenders';
import { contrastsOf, groupLines, inOrder, MOST_AT_FIRST } from './table-lines';
import type { PolicyLine } from './PolicyTable.svelte';

const byLoss = { kind: 'allowedLoss', points: 0.3 } as const;
const byCost = { kind: 'equalCost', costCutPercent: 60 } as const;

function line(policy: string, costCutPercent: number, lossPoints = 0, isAimReached: boolean | null = true): PolicyLine {
  return {
    row: { policy, isAimReached, result: { costCutPercent, lossPoints } },
    isCurrent: true,
  } as unknown as PolicyLine;
}

const missing = {
  row: { policy: 'quota', result: null, missing: 'numbers' },
  isCurrent: true,
} as unknown as PolicyLine;
const lines = [
  ...[line('confidence', 70, 0.2), line('margin', 72, 0.3), line('entropy', 90, 0.1, false), missing],
  ...[line('oracle', 95), line('all-cloud', 0), line('splitee', 99)],
];
const names = (found: readonly { readonly row: PolicyLine['row'] }[]) => found.map(({ row }) => row.policy);

describe('methods in the order of an aim', () => {
  it('save the most, those that keep to the aim first, and none of them knows the answers', () => {
    expect(names(inOrder(lines, byLoss))).toEqual(['margin', 'confidence', 'entropy']);
    expect(names(inOrder(lines, byLoss, 1))).toEqual(['margin']);
  });

  it('lose the least where a cost is what is wished', () => {
    expect(names(inOrder(lines, byCost))).toEqual(['confidence', 'margin', 'entropy']);
  });
});

describe('the parts of the table', () => {
  it('leave out at first what lacks something or learns on the way', () => {
    expect(groupLines(lines, byLoss, false).map(({ role, lines: of }) => [role, names(of)])).toEqual([
      ['method', ['margin', 'confidence', 'entropy']],
      ['baseline', ['all-cloud']],
      ['oracle', ['oracle']],
    ]);
  });

  it('have them all where that is asked for', () => {
    expect(groupLines(lines, byLoss, true).map(({ role, lines: of }) => [role, names(of)])).toEqual([
      ['method', ['margin', 'confidence', 'entropy', 'quota']],
      ['learner', ['splitee']],
      ['baseline', ['all-cloud']],
      ['oracle', ['oracle']],
    ]);
    const everyone = CONTENDERS.map(({ id }) => line(id, 50));
    expect(groupLines(everyone, byLoss, true).flatMap(({ lines: of }) => of)).toHaveLength(CONTENDERS.length);
    expect(groupLines(everyone, byLoss, false)[0]?.lines).toHaveLength(MOST_AT_FIRST);
  });
});

describe('what chance may have put first', () => {
  /** One policy right on the first rows, another on other ones: `lossPoints` by row, of 40. */
  function measuredLine(
    policy: string,
    costCutPercent: number,
    wrong: readonly number[],
    isCurrent = true,
  ): PolicyLine {
    const lossPoints = Float64Array.from({ length: 40 }, (_, row) => (wrong.includes(row) ? 100 : 0));
    const replicates = {
      lossPoints: new Float64Array(100).fill(2.5 * wrong.length),
      costCutPercent: new Float64Array(100).fill(costCutPercent),
      gainPoints: new Float64Array(100),
    };
    const result = { costCutPercent, lossPoints: 2.5 * wrong.length, accuracy: 1 - wrong.length / 40 };
    const row = { policy, isAimReached: true, rows: 40, result };
    return { row, measured: { row, replicates, lossPoints }, isCurrent } as unknown as PolicyLine;
  }

  it('is told of each method that is measured for what is set, against the first in order', () => {
    const contrasts = contrastsOf(
      [
        measuredLine('confidence', 70, []),
        measuredLine('margin', 70, [1, 2, 3]),
        measuredLine('entropy', 60, [1, 2, 3, 4, 5, 6, 7, 8]),
        measuredLine('patience', 65, [], false),
        measuredLine('oracle', 99, []),
      ],
      byLoss,
    );
    expect([...contrasts.keys()]).toEqual(['margin', 'entropy']);
    expect(contrasts.get('margin')).toMatchObject({ accuracy: { isChance: true }, computeSaved: { isChance: true } });
    expect(contrasts.get('entropy')).toMatchObject({
      accuracy: { difference: -20, isChance: false },
      computeSaved: { difference: -10, isChance: false },
    });
    expect(contrastsOf([], byLoss).size).toBe(0);
  });
});
