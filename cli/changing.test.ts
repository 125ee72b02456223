import { describe, expect, test } from 'vitest';
import { type Changing, changingCsv, changingJson, changingMarkdown, learnersNamed } from './changing';

const half = (regret: number, bestChoice: string) => ({
  ...{ regret, leastRegret: regret - 1, greatestRegret: regret + 1, bestChoice },
  ...{ lossPoints: regret / 10, costCutPercent: 50 - regret },
});
const trial = (task: string, before: number, after: number) => ({
  ...{ task, samples: 400, policy: 'i-splitee', parameters: {} },
  ...{ before: half(before, 'one'), after: half(after, 'two') },
});
const changing: Changing = { delay: 20, trials: [trial('rte', 2, 6), trial('qqp', 4, 8)] };

describe('learners on a stream that changes', () => {
  test('are a table, means first, each half with its own regret', () => {
    const text = changingMarkdown(changing);
    expect(text).toContain(
      '| mean | I-SplitEE | 3.00 (2.00 to 4.00) | 7.00 (6.00 to 8.00) | 0.30 | 0.70 | 47.0 | 43.0 |  |\n' +
        '| rte | I-SplitEE | 2.00 (1.00 to 3.00) | 6.00 (5.00 to 7.00) | 0.20 | 0.60 | 48.0 | 44.0 | one → two |',
    );
    expect(text).toContain('they learn 20 sentences later');
    expect(changingMarkdown({ ...changing, delay: 0 })).not.toContain('sentences later');
  });

  test('are lines of numbers, one for each half', () => {
    const [header, first, second] = changingCsv(changing).split('\n');
    expect(header).toBe(
      'task,policy,delay,samples,half,regret,leastRegret,greatestRegret,bestChoice,lossPoints,costCutPercent',
    );
    expect([first, second]).toEqual([
      'rte,i-splitee,20,400,before,2,1,3,one,0.2,48',
      'rte,i-splitee,20,400,after,6,5,7,two,0.6,44',
    ]);
  });

  test('are one object', () => {
    expect(JSON.parse(changingJson(changing))).toEqual(changing);
  });

  test('are all, or the one that is named', () => {
    expect(learnersNamed('splitee').map(({ id }) => id)).toEqual(['splitee']);
    expect(learnersNamed(undefined).length).toBeGreaterThan(6);
  });
});
