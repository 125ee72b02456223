import { describe, expect, it } from 'vitest';
import { CONTENDERS } from '../../../core/lab/contenders';
import { bestOf, groupLines, MOST_AT_FIRST } from './best-lines';
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

describe('the best policies', () => {
  it('save the most, those that keep to the aim first, and none of them knows the answers', () => {
    expect(names(bestOf(lines, byLoss, 9))).toEqual(['margin', 'confidence', 'entropy']);
    expect(names(bestOf(lines, byLoss, 1))).toEqual(['margin']);
  });

  it('lose the least where a cost is what is wished', () => {
    expect(names(bestOf(lines, byCost, 9))).toEqual(['confidence', 'margin', 'entropy']);
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
