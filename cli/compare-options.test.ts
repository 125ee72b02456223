import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../core/cost';
import { errorData } from '../core/errors';
import { HELP, readCompareOptions } from './compare-options';

function failureOf(argv: readonly string[]) {
  try {
    readCompareOptions(argv);
    return undefined;
  } catch (error) {
    return errorData(error);
  }
}

describe('the options of compare', () => {
  test('have the page’s costs, and 0.3 points of loss', () => {
    expect(readCompareOptions([])).toMatchObject({
      task: undefined,
      format: 'markdown',
      plan: { mobileLayers: undefined, edgeLayers: undefined },
      costs: DEFAULT_COSTS,
      aim: { kind: 'allowedLoss', points: 0.3 },
    });
  });

  test('take an allowance, or a cost instead', () => {
    expect(readCompareOptions(['--allowed-loss', '1.5']).aim).toEqual({ kind: 'allowedLoss', points: 1.5 });
    expect(readCompareOptions(['--equal-cost', '60']).aim).toEqual({ kind: 'equalCost', costCutPercent: 60 });
  });

  test('take every weight of the costs', () => {
    const flags = ['mobile-layer', 'edge-layer', 'cloud-layer', 'mobile-to-edge', 'edge-to-cloud', 'mobile-to-cloud'];
    const { costs } = readCompareOptions(flags.flatMap((flag, index) => [`--cost-${flag}`, String(index + 0.5)]));
    expect(costs).toEqual({
      ...{ mobileLayer: 0.5, edgeLayer: 1.5, cloudLayer: 2.5 },
      ...{ mobileToEdge: 3.5, edgeToCloud: 4.5, mobileToCloud: 5.5 },
    });
    for (const flag of flags) expect(HELP).toContain(`--cost-${flag} X`);
  });

  test.each([
    [['--allowed-loss', '1', '--equal-cost', '60'], 'not both'],
    [['--allowed-loss=-1'], '--allowed-loss must be a number from 0 to 100; not “-1”'],
    [['--equal-cost', 'much'], '--equal-cost must be a number from 0 to 100; not “much”'],
    [['--sensitivity', '--policy', 'patience'], '--sensitivity goes by --allowed-loss'],
    [['--sensitivity', '--equal-cost', '60'], 'leave out --policy and --equal-cost'],
    [['--changing', '--sensitivity'], 'Either --sensitivity or --changing'],
    [['--delay', '5'], '--delay is for --changing alone'],
    [['--changing', '--policy', 'patience'], '--changing is for policies that learn: splitee, splitee-paper,'],
    [['--format', 'xml'], '--format must be one of markdown, csv, json; not “xml”'],
  ])('%j is refused', (argv, message) => {
    expect(failureOf(argv)).toMatchObject({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(message) });
  });
});
